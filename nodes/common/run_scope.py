"""What a run has open in this process: its budget, its source, the results of its steps."""

from dataclasses import dataclass, field

from cliptrail.nodes.common.step_results import Rounds
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.sharing import Recent
from cliptrail.tools.workspace import RunSources


@dataclass
class RunScope:
    """What the nodes of one run share in one process.

    Nothing in it outlives the process, and nothing has to: what a run needs to go on elsewhere is
    in its state.
    """

    budget: RunBudget = field(default_factory=RunBudget)
    sources: RunSources = field(default_factory=RunSources)
    rounds: Rounds = field(default_factory=Rounds)

    @property
    def in_use(self) -> bool:
        """Is a model call under way, or a step of it still to end?"""
        return bool(self.budget.reserved) or self.rounds.in_use


_SCOPES: Recent[str, RunScope] = Recent(busy=lambda scope: scope.in_use)


def run_scope(run_id: str) -> RunScope:
    """Return what a run has open here; the first use opens it.

    Of runs that never reach their end, only the most recently used are kept.
    """
    return _SCOPES.get(run_id, RunScope)


def close_run_scope(run_id: str) -> None:
    """Forget what a run has open here: it has ended."""
    _SCOPES.drop(run_id)
