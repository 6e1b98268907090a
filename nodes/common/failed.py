"""Where an exception in any node leads: to the finishing nodes, with what was found."""

from langgraph.errors import NodeError
from langgraph.types import Command

from cliptrail.nodes.common.begin import new_run
from cliptrail.nodes.common.run_step import as_failure
from cliptrail.nodes.common.running import calls_made, run_of
from cliptrail.state.request import stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.usage import usage


async def after_error(state: ResearchState, error: NodeError) -> Command[str]:
    """Send the run to its finishing nodes; if saving fails it ends without files."""
    cause = error.error if isinstance(error.error, Exception) else RuntimeError(str(error.error))
    failure = as_failure(cause, error.node)
    if error.node == "summary":  # what was written is written, and how the run ended is known
        return Command(goto="__end__")
    if error.node == "save":
        calls = calls_made(run_of(state))
        update = {
            "status": "failed",
            "stop_reason": "failure",
            "message": failure.message,
            "ledger": calls,
            "usage": usage(calls),
            "files": (),
        }
        return Command(update=update, goto="summary")
    fresh = new_run() if error.node == "begin" else {}
    return Command(update={**fresh, "stop": stop_for(failure)}, goto="save")
