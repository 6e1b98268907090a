"""Ask a model until its answer is valid: one with faults goes back to it with all of them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from cliptrail.agents.context import AgentContext
from cliptrail.plans.views import counted
from cliptrail.state.errors import BadAnswer

A = TypeVar("A")
F = TypeVar("F")


class InvalidAnswer(BadAnswer):
    """The last answer that was allowed still has faults."""

    def __init__(self, what: str, faults: Sequence[object]) -> None:
        self.faults = tuple(map(str, faults))
        super().__init__(
            f"The {what} still has faults: {' '.join(self.faults)}",
            "Ask in other words, or use another model.",
        )


async def ask_until_valid(
    ask: Callable[[Sequence[F]], Awaitable[A]],
    faults_of: Callable[[A], Sequence[F]],
    ctx: AgentContext,
    *,
    max_revisions: int,
    what: str = "answer",
) -> A:
    """Ask for an answer, and again with all its faults, until it has none.

    Args:
        ask: asks the model; gets the faults of the answer before, none at first.
        faults_of: returns all faults of an answer.
        ctx: of the node that asks; each answer that goes back is noted there.
        max_revisions: how often an answer may go back.
        what: the name of the answer in messages.

    Raises:
        InvalidAnswer: the last answer still has faults.
        BudgetExceeded: no room for one more call.
        ModelError: the model gave no answer.
    """
    faults: Sequence[F] = ()
    for _ in range(max_revisions + 1):
        answer = await ask(faults)
        faults = faults_of(answer)
        if not faults:
            return answer
        ctx.note(f"The {what} had {counted(len(faults), 'fault')} and went back: {faults[0]}")
    raise InvalidAnswer(what, faults)
