"""Where an exception in any node leads: to the tail, with what was found."""

from langgraph.errors import NodeError
from langgraph.types import Command

from nodes.running import LOG
from nodes.work import as_failure
from state.request import Stop
from state.research import ResearchState


async def to_tail(state: ResearchState, error: NodeError) -> Command[str]:
    """Send the run to its tail; a failure in the tail itself ends it without files."""
    cause = error.error if isinstance(error.error, Exception) else RuntimeError(str(error.error))
    failure = as_failure(cause, error.node)
    if error.node in ("save", "summary"):
        LOG.error("the tail failed in %s", error.node)
        update = {
            "status": "failed",
            "stop_reason": "failure",
            "message": failure.message,
            "files": (),
        }
        return Command(update=update, goto="summary" if error.node == "save" else "__end__")
    stop = Stop(reason="failure", message=failure.message, next_step=failure.next_step)
    return Command(update={"stop": stop}, goto="save")
