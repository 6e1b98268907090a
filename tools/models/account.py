"""A run's account: what it has spent, what is set aside for calls under way, what it may spend.

Steps run in parallel, so a call is paid for before it is made: it sets aside what it is expected
to cost, and the difference goes back when the true cost is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from state.context import Context
from state.errors import BudgetExceeded
from state.usage import ModelCall
from tools.sharing import Recent


@dataclass(frozen=True)
class Expected:
    """What a call is expected to use."""

    tokens: int
    usd: float | None


@dataclass
class Account:
    """The budget of one run; all methods run on the event loop, so none can interleave."""

    calls: dict[str, ModelCall] = field(default_factory=dict)
    reserved: dict[str, Expected] = field(default_factory=dict)

    def absorb(self, ledger: Iterable[ModelCall]) -> None:
        """Take over calls that a checkpoint knows, e.g. after a restart."""
        self.calls.update({call.id: call for call in ledger})

    def reserve(self, call_id: str, expected: Expected, limits: Context) -> None:
        """Set aside what a call is expected to use.

        Raises:
            BudgetExceeded: one of the limits would be passed.
        """
        self._check_calls(limits)
        self._check_tokens(expected, limits)
        self._check_usd(expected, limits)
        self.reserved[call_id] = expected

    def settle(self, call: ModelCall) -> None:
        """Book a call as it was."""
        self.reserved.pop(call.id, None)
        self.calls[call.id] = call

    def release(self, call_id: str) -> None:
        """Give back what was set aside for a call that was not made."""
        self.reserved.pop(call_id, None)

    def _check_calls(self, limits: Context) -> None:
        used = len(self.calls) + len(self.reserved)
        if used + 1 > limits.max_calls:
            plural = "" if limits.max_calls == 1 else "s"
            raise BudgetExceeded(
                f"The budget of {limits.max_calls} model call{plural} is used up.",
                "Raise --max-calls and resume, or narrow the request.",
            )

    def _check_tokens(self, expected: Expected, limits: Context) -> None:
        if limits.max_tokens is None:
            return
        used = sum(call.input_tokens + call.output_tokens for call in self.calls.values())
        used += sum(row.tokens for row in self.reserved.values())
        if used + expected.tokens > limits.max_tokens:
            raise BudgetExceeded(
                f"The next call needs about {expected.tokens} tokens; "
                f"{max(0, limits.max_tokens - used)} of {limits.max_tokens} are left.",
                "Raise --max-tokens, or narrow the request.",
            )

    def _check_usd(self, expected: Expected, limits: Context) -> None:
        if limits.budget_usd is None:
            return
        if expected.usd is None:
            raise BudgetExceeded(
                "The model's price is not known, so a budget in dollars cannot be kept.",
                "Limit it by --max-calls or --max-tokens instead.",
            )
        used = sum(call.usd or 0.0 for call in self.calls.values())
        used += sum(row.usd or 0.0 for row in self.reserved.values())
        if used + expected.usd > limits.budget_usd:
            raise BudgetExceeded(
                f"The next call costs about ${expected.usd:.4f}; "
                f"${max(0.0, limits.budget_usd - used):.4f} of ${limits.budget_usd:.4f} are left.",
                "Raise --budget-usd, or choose a cheaper model.",
            )


_ACCOUNTS: Recent[str, Account] = Recent(busy=lambda row: bool(row.reserved))


def account(run: str) -> Account:
    """Give a run's account in this process; a new one if there is none."""
    return _ACCOUNTS.get(run, Account)


def close_account(run: str) -> None:
    """Forget a run's account: its ledger lies in the state."""
    _ACCOUNTS.drop(run)
