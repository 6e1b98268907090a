"""A plan that grows while it is carried out: what a coordinator decides becomes steps of it.

So a supervisor's rounds, a chain of handoffs and an agent's tool calls are dispatched, resumed,
audited and priced exactly as a planner's steps are.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from pydantic import BaseModel

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.revisions import priced
from cliptrail.plans.expansion import expand, needed_steps, topological
from cliptrail.plans.types import paths_to
from cliptrail.plans.validation import validate
from cliptrail.state.context import Context
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef
from cliptrail.state.plan import Author, Change, Fault, Plan, Revision, Step
from cliptrail.state.results import Results, values_in
from cliptrail.state.run import Run
from cliptrail.state.steps import StepResult


def numbered(agent: str, steps: Iterable[Step]) -> str:
    """The id of the next step of an agent: "search_2"; of an earlier run some may be gone."""
    taken = {step.id for step in steps}
    return next(name for number in count(1) if (name := f"{agent}_{number}") not in taken)


def grown(
    run: Run,
    steps: Sequence[Step],
    by: Author,
    reason: str,
    context: Context,
) -> Revision | tuple[Fault, ...]:
    """Add steps to a run's plan.

    Args:
        run: the run so far.
        steps: what comes next.
        by: who decided it.
        reason: why.
        context: the run's options. Steps that earlier runs of the thread left do not count
            against its limit of steps, nor do those that end the run.

    Returns:
        The plan's next revision, or all faults of the new steps.
    """
    before = run.plan
    plan = before.model_copy(update={"steps": (*before.steps, *steps)})
    inherited = [step for step in before.steps if step.id in run.inherited_steps]
    most = context.max_steps + _instances(Plan(steps=tuple(inherited)))
    if by == "limit":  # no limit keeps what was found from being composed
        most += len(steps)
    faults = validate(plan, agents(), max_steps=most)
    if faults:
        return faults
    return Revision(
        number=len(run.revisions) + 1,
        by=by,
        plan=plan,
        reason=reason,
        changes=tuple(Change(kind="added", step=step.id, after=step.agent) for step in steps),
        estimate=priced(plan, context, run.results),
    )


def _instances(plan: Plan) -> int:
    return len(expand(plan, agents())) if plan.steps else 0


def remembered(run: Run) -> tuple[Revision, dict[str, StepResult]] | None:
    """Return what a thread's last run leaves to the next one: its finished steps, without guides.

    Args:
        run: the last run, as it ended.

    Returns:
        The next run's first revision with the results of its steps, or None if there is nothing.
    """
    plan, known = run.plan, agents()
    if not plan.steps or validate(plan, known, max_steps=sys.maxsize):
        return None  # an agent of the user's own is not there any more
    rows = expand(plan, known)
    steps = {step.id: step for step in plan.steps}
    kept: dict[str, Step] = {}
    for name in topological(plan):
        ended = all(row.id in run.results for row in rows if row.step == name)
        whole = all(need in kept for need in needed_steps(steps[name]))
        if ended and whole and known[steps[name].agent].output is not Guide:
            kept[name] = steps[name]
    if not kept:
        return None
    made = Plan(steps=tuple(step for step in plan.steps if step.id in kept))
    left = {str(row.id): run.results[row.id] for row in rows if row.step in kept}
    reason = "What the thread's earlier runs found."
    return Revision(number=1, by="earlier", plan=made, reason=reason), left


def knowledge(results: Results) -> frozenset[str]:
    """Return a name for each thing that is known: videos, transcripts, verified claims, guides.

    A decision after which it has not grown brought nothing new.
    """
    said = (
        f"claim {row.text} {quote.video_id} {quote.start}"
        for row in results.values_of(Claim)
        if row.verified
        for quote in row.citations
    )
    outputs = results.outputs()
    return frozenset(
        [
            *(f"video {row.video_id}" for row in results.videos()),
            *(f"transcript {row.video_id}" for row in results.transcripts()),
            *said,
            *(f"guide {name}" for name, row in outputs.items() if isinstance(row, Guide)),
        ]
    )


def guide_steps(run: Run) -> list[Step]:
    """Return the steps that make a guide of what this run has found so far; none if it has one.

    Transcripts that no step has used are searched for claims, claims that no guide holds are
    composed; not by an agent that has only failed.
    """
    steps, known, results = run.plan.steps, agents(), run.own_results
    gave = {step.id: results.of_steps([step.id]) for step in steps}
    used = _used([step for step in steps if gave[step.id].json_outputs()])
    free = [step for step in steps if step.id not in used and known[step.agent].offered]
    unread = list(
        dict.fromkeys(ref for step in free for ref in _references(gave[step.id], TranscriptRef))
    )
    claims = [
        ref
        for step in free
        if known[step.agent].output is not Guide
        for ref in _references(gave[step.id], Claim)
    ]
    made: list[Step] = []
    if unread and (reads := _finish("extract_claims", run, {"transcripts": unread})):
        made.append(reads)
        claims += [f"${reads.id}{path}" for path in paths_to(known[reads.agent].output, Claim)]
    if claims and (composes := _finish("compose_guide", run, {"claims": claims})):
        return [*made, composes]
    return []


def _references(results: Results, kind: type[BaseModel]) -> Iterator[str]:
    """Return references to the values of a type in the results; not to claims that all failed."""
    for name, output in results.outputs().items():
        for path in paths_to(type(output), kind):
            held = getattr(output, path[1:]) if path else output
            if any(map(_is_usable, values_in(held, kind))):
                yield f"${name}{path}" if path else f"${name.step}"


def _is_usable(value: BaseModel) -> bool:
    return not isinstance(value, Claim) or (value.verified and bool(value.citations))


def _used(steps: Sequence[Step]) -> set[str]:
    """Ids of the steps that later steps use; a join that no step uses does not count as a use."""
    used: set[str] = set()
    for step in reversed(steps):
        if step.id in used or agents()[step.agent].offered:
            used.update(needed_steps(step))
    return used


def _finish(capability: str, run: Run, inputs: dict[str, Any]) -> Step | None:
    """The step of the first agent that has a capability; None if it has only failed."""
    agent = next(row for row in agents().values() if capability in row.capabilities)
    ended = [row for row in run.own_results.values() if row.agent == agent.name]
    if any(row.failure for row in ended) and not any(row.status == "done" for row in ended):
        return None
    brief = "Bring the run to its end with what was found."
    name = numbered(agent.name, run.plan.steps)
    return Step(id=name, agent=agent.name, brief=brief, inputs=inputs)
