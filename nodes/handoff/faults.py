"""What is wrong with what a coordinator wants to be done, all at once, before anybody is sent."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import offered
from cliptrail.nodes.common.growing_plan import grown
from cliptrail.nodes.handoff.wiring import candidates, step_for
from cliptrail.plans.views import counted
from cliptrail.state.context import Context
from cliptrail.state.drafts import Draft, InputDraft, IntentDraft
from cliptrail.state.errors import BadAnswer
from cliptrail.state.handoffs import Intent
from cliptrail.state.plan import Revision, Step
from cliptrail.state.research import ResearchState

D = TypeVar("D", bound=Draft)


def to_intent(draft: IntentDraft) -> Intent:
    """Return a model's intent as an intent; whether it can be done is `intent_faults`' question."""
    return Intent(
        words=draft.words.strip() or "Go on.",
        capability=draft.capability.strip(),
        inputs=values(draft.inputs),
        for_each=draft.for_each.strip(),
        last=draft.last,
    )


def values(rows: Sequence[InputDraft]) -> dict[str, object]:
    """Return a model's inputs as a map."""
    return {row.name: row.value for row in rows}


def intent_faults(
    rows: Sequence[IntentDraft], handed: Sequence[str], state: ResearchState, context: Context
) -> list[str]:
    """Return all faults of what shall be done next.

    Args:
        rows: as a model gave them.
        handed: steps whose results may be used.
        state: of the run.
        context: its options.
    """
    return [fault for row in rows for fault in _faults(to_intent(row), handed, state, context)]


def _faults(
    intent: Intent, handed: Sequence[str], state: ResearchState, context: Context
) -> Iterator[str]:
    if intent.capability and not candidates(intent):
        there = sorted({name for agent in offered().values() for name in agent.capabilities})
        yield f"No agent has the capability {intent.capability!r}; there are: {', '.join(there)}."
    found = candidates(intent)
    if len(found) == 1:
        yield from step_faults([step_for(intent, found[0], handed, state)], state, context)


def step_faults(steps: Sequence[Step], state: ResearchState, context: Context) -> list[str]:
    """Return all faults that a run's plan would have with these steps."""
    made = grown(state, steps, "router", "", context)
    return [] if isinstance(made, Revision) else [str(fault) for fault in made]


async def mended(
    ask: Callable[[list[str]], Awaitable[D]],
    faults_of: Callable[[D], list[str]],
    ctx: AgentContext,
    most: int,
) -> D:
    """Ask until an answer has no faults: each goes back with all of them.

    Args:
        ask: asks, with the faults of the answer before.
        faults_of: gives all faults of an answer.
        ctx: where it is noted.
        most: how often an answer goes back.

    Raises:
        BadAnswer: the last answer still has faults.
        BudgetExceeded: there is no room for one more call.
        ModelError: the model gave no answer.
    """
    faults: list[str] = []
    for _ in range(most + 1):
        draft = await ask(faults)
        faults = faults_of(draft)
        if not faults:
            return draft
        ctx.note(f"The answer had {counted(len(faults), 'fault')} and went back: {faults[0]}")
    raise BadAnswer(
        f"The answer still has faults: {' '.join(faults)}",
        "Ask in other words, or use another model.",
    )
