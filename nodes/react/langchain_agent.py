"""How an agent with tools decides: LangChain's agent, whose model is called through our gateway.

Its tools are given as schemas: LangChain leaves their calls to whoever drives the agent, which is
the graph, whose nodes do the work.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import AgentState
from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.utils.function_calling import convert_to_openai_tool

from cliptrail.agents.context import AgentContext
from cliptrail.nodes.react.tool_calls import TAKE_NOTES, TOOLS
from cliptrail.prompts import agent as prompt
from cliptrail.state.drafts import Draft, NotesDraft
from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.text.length import most_tokens

Tools = tuple[dict[str, Any], ...]


def _tool(name: str, arguments: type[Draft]) -> dict[str, Any]:
    tool = convert_to_openai_tool(arguments)
    return {**tool, "function": {**tool["function"], "name": name}}


WORKING: Tools = tuple(_tool(name, arguments) for name, arguments in TOOLS.items())
NOTING: Tools = (_tool(TAKE_NOTES, NotesDraft),)


@dataclass(frozen=True)
class Setting:
    """Where the agent thinks."""

    ctx: AgentContext
    tools: Tools
    """What it may call now."""


class ThroughTheGateway(AgentMiddleware[AgentState[Any], Setting]):
    """Calls the agent's model through the run's gateway: budgeted, retried, priced, recorded."""

    async def awrap_model_call(
        self,
        request: ModelRequest[Setting],
        handler: Callable[[ModelRequest[Setting]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Ask the model that the run's options name, instead of the agent's own."""
        setting = request.runtime.context
        system = [request.system_message] if request.system_message else []
        messages = [*system, *request.messages]
        said = await setting.ctx.gateway.converse("agent", messages, setting.tools)
        return ModelResponse(result=[said])


# The model that is named here never answers.
AGENT = create_agent(
    OfflineChatModel(),
    tools=WORKING,
    system_prompt=prompt.SYSTEM,
    middleware=[ThroughTheGateway()],
    context_schema=Setting,
    name="agent",
)
ALONE: RunnableConfig = {"configurable": {"alone": True}}
"""Instead of the run's own: checkpoints of its own would let a run that was killed go on with an
answer that no ledger knows."""


def tools_for(*, noting: bool) -> Tools:
    """Return the tools that the agent may call.

    Args:
        noting: may it take notes of the request?
    """
    return (*NOTING, *WORKING) if noting else WORKING


def fixed_tokens(tools: Tools) -> int:
    """Return the tokens that a prompt takes beside the messages."""
    return most_tokens(prompt.SYSTEM) + most_tokens(str(tools))


async def answer(messages: Sequence[AnyMessage], ctx: AgentContext, tools: Tools) -> AIMessage:
    """Let the agent decide once.

    Args:
        messages: the dialogue so far.
        ctx: of the node that asks.
        tools: what it may call.

    Raises:
        BudgetExceeded: the call would pass a limit; it was not made.
        ModelError: what is left after retries.
    """
    told: Any = {"messages": [*messages]}
    reply = await AGENT.ainvoke(told, ALONE, context=Setting(ctx, tools))
    said: AIMessage = reply["messages"][-1]
    return said
