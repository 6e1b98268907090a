"""The person's decision: approve, edit or reject the plan before anything of it runs."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt
from pydantic import ValidationError

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.revisions import plan_made, priced, results_kept, revised
from cliptrail.nodes.common.running import event_writer, options, run_of
from cliptrail.plans.validation import validate
from cliptrail.plans.views import outline
from cliptrail.state.approval import Answer, Approve, Decision, Edit, approval_request
from cliptrail.state.context import Context
from cliptrail.state.plan import Fault, Plan
from cliptrail.state.request import Stop
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run

ACTION = "run_plan"
"""Name of the action in the approval request."""
EXAMPLE = '{"decisions": [{"type": "approve"}]}'
"""An answer that runs the plan, for those whose own was not understood."""
ANSWERS = Answer.model_json_schema()
"""For clients that make a form of it. Given as a schema: a wrong answer is explained here."""


async def approve(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Ask a person, unless the options say to go on by itself.

    An answer that is not valid is explained, and the question asked again. Options that come with
    the answer apply from then on.
    """
    run = run_of(state)
    if options(run, runtime).approval == "auto":
        return Command(goto="dispatch")
    complaint = ""
    while True:
        request = _request(run, options(run, runtime), complaint)
        answer = interrupt(request, response_schema=ANSWERS)
        try:
            decision = Answer.model_validate(answer).decisions[0]
            said = _decided(decision, run, runtime)
            kept = {"options": options(run, runtime)}
            return Command(update={**(said.update or {}), **kept}, goto=said.goto)
        except (ValidationError, _WrongEditError) as error:
            complaint = _explain(error)


def _request(run: Run, context: Context, complaint: str) -> dict[str, Any]:
    plan, revision = run.plan, run.revisions[-1]
    kept = results_kept(plan, run)
    estimate = priced(
        plan, context, kept
    )  # estimated again: the answer may come with another model
    args = {
        "plan": plan.model_dump(mode="json", exclude_defaults=True),
        "revision": revision.number,
        "changes": [change.model_dump(mode="json") for change in revision.changes],
        "estimate": estimate.model_dump(mode="json"),
        "reason": revision.reason,
        "finished": list(kept),
    }
    said = (complaint, revision.reason, outline(plan, estimate, agents(), kept))
    return approval_request(ACTION, args, "\n\n".join(filter(None, said)))


def _decided(decision: Decision, run: Run, runtime: Runtime[Context]) -> Command[str]:
    if isinstance(decision, Approve):
        return Command(goto="dispatch")
    if isinstance(decision, Edit):
        return _edited(decision, run, runtime)
    attempts = run.attempts + 1
    if not decision.message.strip() or attempts > options(run, runtime).max_revisions:
        stop = Stop(reason="rejected", message=decision.message or "The plan was rejected.")
        return Command(update={"stop": stop}, goto="save")
    return Command(update={"rejection": decision.message, "attempts": attempts}, goto="planner")


def _edited(decision: Edit, run: Run, runtime: Runtime[Context]) -> Command[str]:
    new = _plan_of(decision)
    faults = validate(new, agents(), max_steps=options(run, runtime).max_steps)
    if faults:
        raise _WrongEditError(faults)
    reason = "edited before approval"
    revision = revised(new, "person", reason, run, options(run, runtime))
    event_writer(runtime)(plan_made(revision, run))
    return Command(update={"plan": new, "revisions": (revision,)}, goto="dispatch")


def _plan_of(decision: Edit) -> Plan:
    args = decision.edited_action.args
    return Plan.model_validate(args.get("plan", args))


class _WrongEditError(Exception):
    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))


def _explain(error: ValidationError | _WrongEditError) -> str:
    if isinstance(error, _WrongEditError):
        return f"The edited plan has faults:\n{error}"
    places = ((".".join(map(str, row["loc"])), row["msg"]) for row in error.errors())
    why = "; ".join(": ".join(filter(None, place)) for place in places)
    return f"The answer was not understood: {why}. To run the plan as it is: {EXAMPLE}"
