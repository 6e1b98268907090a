"""A plan that grows while it is carried out: what a coordinator decides becomes steps of it.

So a supervisor's rounds, a chain of handoffs and an agent's tool calls are dispatched, resumed,
audited and priced exactly as a planner's steps are.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from pydantic import BaseModel

from cliptrail.agents.registry import agents
from cliptrail.evidence.coverage import outputs, read_as, transcripts_read, videos_found
from cliptrail.nodes.common.revisions import priced
from cliptrail.plans.expansion import expand, needed_steps, topological
from cliptrail.plans.validation import validate
from cliptrail.state.context import Context
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef
from cliptrail.state.plan import Author, Change, Fault, Plan, Revision, Step
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult


def numbered(agent: str, steps: Iterable[Step]) -> str:
    """The id of the next step of an agent: "search_2"; of an earlier run some may be gone."""
    taken = {step.id for step in steps}
    return next(name for number in count(1) if (name := f"{agent}_{number}") not in taken)


def grown(
    state: ResearchState,
    steps: Sequence[Step],
    by: Author,
    reason: str,
    context: Context,
) -> Revision | tuple[Fault, ...]:
    """Add steps to a run's plan.

    Args:
        state: of the run.
        steps: what shall be done next.
        by: who decided it.
        reason: why.
        context: the run's options. Steps that earlier runs of the thread left do not count
            against its most steps, nor do those that close the run.

    Returns:
        The plan's next revision, or all faults of the new steps.
    """
    before = state.get("plan", Plan())
    plan = before.model_copy(update={"steps": (*before.steps, *steps)})
    most = context.max_steps + _instances(Plan(steps=tuple(_of_earlier_runs(state))))
    if by == "limit":  # no limit keeps what was found from being composed
        most += len(steps)
    faults = validate(plan, agents(), max_steps=most)
    if faults:
        return faults
    return Revision(
        number=len(state.get("revisions", ())) + 1,
        by=by,
        plan=plan,
        reason=reason,
        changes=tuple(Change(kind="added", step=step.id, after=step.agent) for step in steps),
        estimate=priced(plan, context, state.get("results", {})),
    )


def _instances(plan: Plan) -> int:
    return len(expand(plan, agents())) if plan.steps else 0


def remembered(state: ResearchState) -> tuple[Revision, dict[str, StepResult]] | None:
    """Return what a thread's last run leaves to the next one: its finished steps, without guides.

    Args:
        state: as the last run left it.

    Returns:
        The next run's first revision with the results of its steps, or None if there is nothing.
    """
    plan, results, known = state.get("plan", Plan()), state.get("results", {}), agents()
    if not plan.steps or validate(plan, known, max_steps=sys.maxsize):
        return None  # an agent of the user's own is not there any more
    rows = expand(plan, known)
    steps = {step.id: step for step in plan.steps}
    kept: dict[str, Step] = {}
    for name in topological(plan):
        own = [row.id for row in rows if row.step == name]
        ended = all(row in results for row in own)
        whole = all(need in kept for need in needed_steps(steps[name]))
        if ended and whole and known[steps[name].agent].output is not Guide:
            kept[name] = steps[name]
    if not kept:
        return None
    made = Plan(steps=tuple(step for step in plan.steps if step.id in kept))
    left = {row.id: results[row.id] for row in rows if row.step in kept}
    reason = "What the thread's earlier runs found."
    return Revision(number=1, by="earlier", plan=made, reason=reason), left


def _of_earlier_runs(state: ResearchState) -> Iterator[Step]:
    revisions = state.get("revisions", ())
    if revisions and revisions[0].by == "earlier":
        yield from revisions[0].plan.steps


def of_this_run(state: ResearchState) -> dict[str, StepResult]:
    """Return the results of a run without those that earlier runs of its thread left."""
    old = {step.id for step in _of_earlier_runs(state)}
    results = state.get("results", {})
    return {name: row for name, row in results.items() if name.partition("[")[0] not in old}


def knowledge(results: Mapping[str, StepResult]) -> frozenset[str]:
    """Return a name for each thing that is known: videos, transcripts, verified claims, guides.

    A decision after which it has not grown brought nothing new.
    """
    claims = [row for output in outputs(results) for row in read_as(Claim, _claims(output))]
    said = (
        f"claim {row.text} {quote.video_id} {quote.start}"
        for row in claims
        if row.verified
        for quote in row.citations
    )
    return frozenset(
        [
            *(f"video {row.video_id}" for row in videos_found(results)),
            *(f"transcript {row.video_id}" for row in transcripts_read(results)),
            *said,
            *(f"guide {name}" for name, row in results.items() if read_as(Guide, [row.output])),
        ]
    )


def _claims(output: Mapping[str, Any]) -> list[Any]:
    found = output.get("claims")
    return found if isinstance(found, list) else []


def outputs_of(step: Step, results: Mapping[str, StepResult]) -> dict[str, dict[str, Any]]:
    """Return what a step gave, or each of its instances, by the name to refer to it.

    Args:
        step: mapped or not.
        results: by instance id.
    """
    rows = (row for name, row in results.items() if name.partition("[")[0] == step.id)
    return {row.id: row.output for row in rows if row.status == "done" and row.output}


def finishing(state: ResearchState) -> list[Step]:
    """Return the steps that make a guide of what this run has found so far; none if it has one.

    Transcripts that nobody looked into are looked into, claims that no guide holds are composed;
    not by an agent that has only failed.
    """
    steps, known, results = state.get("plan", Plan()).steps, agents(), of_this_run(state)
    gave = {step.id: outputs_of(step, results) for step in steps}
    used = _used([step for step in steps if gave[step.id]])
    free = [
        step
        for step in steps
        if gave[step.id] and step.id not in used and known[step.agent].offered
    ]
    unread = [f"${step.id}" for step in free if known[step.agent].output is TranscriptRef]
    claims = [
        f"${name}.claims"
        for step in free
        if _is_claiming(known[step.agent].output)
        for name in gave[step.id]
        if _is_verified(results[name])
    ]
    made: list[Step] = []
    if unread and (reads := _finish("extract_claims", state, {"transcripts": unread})):
        made.append(reads)
        claims.append(f"${reads.id}.claims")
    if claims and (composes := _finish("compose_guide", state, {"claims": claims})):
        return [*made, composes]
    return []


def _used(steps: Sequence[Step]) -> set[str]:
    """What later steps use; what is put together by a step that nobody uses is not used itself."""
    used: set[str] = set()
    for step in reversed(steps):
        if step.id in used or agents()[step.agent].offered:
            used.update(needed_steps(step))
    return used


def _is_verified(result: StepResult) -> bool:
    """Did a step find a claim that can stand in a guide?"""
    return any(name.startswith("claim ") for name in knowledge({result.id: result}))


def _is_claiming(output: type[BaseModel]) -> bool:
    return output is not Guide and "claims" in output.model_fields


def _finish(capability: str, state: ResearchState, inputs: dict[str, Any]) -> Step | None:
    """The step of the first agent that has a capability; None if it has only failed."""
    agent = next(row for row in agents().values() if capability in row.capabilities)
    ended = [row for row in of_this_run(state).values() if row.agent == agent.name]
    if any(row.failure for row in ended) and not any(row.status == "done" for row in ended):
        return None
    brief = "Bring the run to its end with what was found."
    name = numbered(agent.name, state.get("plan", Plan()).steps)
    return Step(id=name, agent=agent.name, brief=brief, inputs=inputs)
