"""What is wrong with what a coordinator wants to be done, all at once, before any of it runs."""

from collections.abc import Iterator, Sequence

from cliptrail.agents.registry import offered
from cliptrail.nodes.common.growing_plan import grown
from cliptrail.nodes.handoff.wiring import candidates, step_for
from cliptrail.state.context import Context
from cliptrail.state.drafts import InputDraft, IntentDraft
from cliptrail.state.handoffs import Intent
from cliptrail.state.plan import Revision, Step
from cliptrail.state.run import Run


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
    rows: Sequence[IntentDraft], handed: Sequence[str], run: Run, context: Context
) -> list[str]:
    """Return all faults of what a model wants to come next.

    Args:
        rows: as a model gave them.
        handed: steps whose results may be used.
        run: the run so far.
        context: its options.
    """
    return [fault for row in rows for fault in _faults(to_intent(row), handed, run, context)]


def _faults(intent: Intent, handed: Sequence[str], run: Run, context: Context) -> Iterator[str]:
    if intent.capability and not candidates(intent):
        there = sorted({name for agent in offered().values() for name in agent.capabilities})
        yield f"No agent has the capability {intent.capability!r}; there are: {', '.join(there)}."
    found = candidates(intent)
    if len(found) == 1:
        yield from step_faults([step_for(intent, found[0], handed, run)], run, context)


def step_faults(steps: Sequence[Step], run: Run, context: Context) -> list[str]:
    """Return all faults that a run's plan would have with these steps."""
    made = grown(run, steps, "router", "", context)
    return [] if isinstance(made, Revision) else [str(fault) for fault in made]
