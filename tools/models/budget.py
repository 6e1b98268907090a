"""A run's budget: what it has spent, what is set aside for calls under way, what it may spend.

Steps run in parallel, so a call is paid for before it is made: it sets aside the most that it can
cost, and the difference goes back when the true cost is known.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum

from cliptrail.state.context import Context
from cliptrail.state.errors import BudgetExceeded
from cliptrail.state.usage import ModelCall


@dataclass(frozen=True)
class Need:
    """What a call is about to use."""

    model: str
    input_tokens: int
    """Of the prompt and the schema."""
    least: int
    """Tokens without which no useful answer can be given: with fewer left the call is not made."""
    most: int
    """Tokens that no answer should pass, whatever is left."""
    price: Callable[[int, int], float | None]
    """Dollars for tokens in and out; None where they are not known."""

    def usd(self, output_tokens: int) -> float | None:
        """Return the dollars if the answer has so many tokens."""
        return self.price(self.input_tokens, output_tokens)


@dataclass(frozen=True)
class Expected:
    """The most that a call can use."""

    tokens: int
    usd: float | None


@dataclass(frozen=True)
class _Sum:
    """What is gone already: spent, or spent and set aside."""

    tokens: int
    usd: tuple[float | None, ...]

    def leaves(self, need: Need, limits: Context) -> int:
        """Return the tokens that an answer may have; below 0 where not even the prompt fits."""
        room = need.most
        if limits.max_tokens is not None:
            room = min(room, limits.max_tokens - self.tokens - need.input_tokens)
        if limits.budget_usd is not None and room >= 0:
            room = self._affordable(need, limits.budget_usd, room)
        return room

    def _affordable(self, need: Need, budget: float, room: int) -> int:
        # fsum, because rounding must not depend on the order in which calls end.
        def total(output_tokens: int) -> float:
            return fsum(usd or 0.0 for usd in (*self.usd, need.usd(output_tokens)))

        return room if total(room) <= budget else bisect_right(range(room), budget, key=total) - 1


@dataclass
class RunBudget:
    """The budget of one run; all methods run on the event loop, so none can interleave."""

    calls: dict[str, ModelCall] = field(default_factory=dict)
    reserved: dict[str, Expected] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    """What the run's trail has to say once only."""
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def absorb(self, ledger: Iterable[ModelCall]) -> None:
        """Take over calls that a checkpoint knows, e.g. after a restart."""
        self.calls.update({call.id: call for call in ledger})

    async def reserve(self, call_id: str, need: Need, limits: Context) -> int | None:
        """Set aside the most that a call can use; wait where calls under way may give it back.

        Returns:
            The most tokens that its answer may have; None where neither tokens nor dollars are
            limited.

        Raises:
            BudgetExceeded: one of the limits would be passed, whatever calls under way cost.
        """
        while True:
            self._check(need, limits)
            room = self._held().leaves(need, limits)
            if room >= need.least:
                break
            await self._settled()
        self.reserved[call_id] = Expected(need.input_tokens + room, need.usd(room))
        return None if limits.max_tokens is None and limits.budget_usd is None else room

    def allows(self, needs: Sequence[Need], limits: Context) -> bool:
        """Return whether several calls can be made one after the other, with usual answers."""
        held = self._held()
        tokens = held.tokens + sum(need.input_tokens + need.least for need in needs)
        dollars = [*held.usd, *(need.usd(need.least) for need in needs)]
        unpriced = limits.budget_usd is not None and None in dollars
        return (
            len(self.calls) + len(self.reserved) + len(needs) <= limits.max_calls
            and (limits.max_tokens is None or tokens <= limits.max_tokens)
            and not unpriced
            and (
                limits.budget_usd is None or fsum(row or 0 for row in dollars) <= limits.budget_usd
            )
        )

    def settle(self, call: ModelCall) -> None:
        """Book a call as it was."""
        self.reserved.pop(call.id, None)
        self.calls[call.id] = call
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def _settled(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def _spent(self) -> _Sum:
        rows = self.calls.values()
        tokens = sum(row.input_tokens + row.output_tokens for row in rows)
        return _Sum(tokens, tuple(row.usd for row in rows))

    def _held(self) -> _Sum:
        spent, rows = self._spent(), self.reserved.values()
        tokens = spent.tokens + sum(row.tokens for row in rows)
        return _Sum(tokens, (*spent.usd, *(row.usd for row in rows)))

    def _check(self, need: Need, limits: Context) -> None:
        used = len(self.calls) + len(self.reserved)
        if used + 1 > limits.max_calls:
            plural = "" if limits.max_calls == 1 else "s"
            raise BudgetExceeded(
                f"The budget of {limits.max_calls} model call{plural} is used up.",
                "Raise --max-calls and resume, or narrow the request.",
            )
        spent = self._spent()
        _check_tokens(spent, need, limits.max_tokens)
        _check_usd(spent, need, limits.budget_usd)


def _check_tokens(spent: _Sum, need: Need, limit: int | None) -> None:
    expected = need.input_tokens + need.least
    if limit is not None and spent.tokens + expected > limit:
        raise BudgetExceeded(
            f"The next call needs about {expected} tokens; "
            f"{max(0, limit - spent.tokens)} of {limit} are left.",
            "Raise --max-tokens, or narrow the request.",
        )


def _check_usd(spent: _Sum, need: Need, limit: float | None) -> None:
    if limit is None:
        return
    expected = need.usd(need.least)
    if expected is None:
        raise BudgetExceeded(
            f"The price of {need.model} is not known, so a budget in dollars cannot be kept.",
            "Limit it by --max-calls or --max-tokens instead.",
        )
    if None in spent.usd:
        raise BudgetExceeded(
            "What earlier calls of this run cost is not known, so a budget in dollars cannot be "
            "kept.",
            "Limit it by --max-calls or --max-tokens instead.",
        )
    known = [usd or 0.0 for usd in spent.usd]
    if fsum((*known, expected)) > limit:
        raise BudgetExceeded(
            f"The next call costs about ${expected:.4f}; "
            f"${max(0.0, limit - fsum(known)):.4f} of ${limit:.4f} are left.",
            "Raise --budget-usd, or choose a cheaper model.",
        )
