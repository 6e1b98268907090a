"""What an agent with tools said and was told: a channel that only its graph has."""

from dataclasses import dataclass
from typing import Annotated

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages

from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run


class DialogueState(ResearchState, total=False):
    """The state of a run that one agent leads."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The request, the agent's calls and what came of them, in short. Its first message has the
    run's id: those of an earlier run of the thread are dropped."""


@dataclass(frozen=True)
class DialogueRun(Run):
    """A run that one agent leads; see `Run`."""

    messages: tuple[AnyMessage, ...] = ()
