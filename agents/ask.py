"""The agent `ask`: puts a question to the person, and the run waits for the answer."""

from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.base import Frozen
from cliptrail.state.plan import Cost


class AskInput(Frozen):
    """What to ask."""

    question: str = Field(min_length=1, max_length=1000)
    """In words that need no knowledge of the plan."""
    choices: tuple[str, ...] = Field(default=(), max_length=20)
    """What may be answered; empty for any words."""


class AskOutput(Frozen):
    """What the person said."""

    answer: str
    """One of the choices, if there were any."""


@agent(capabilities=("ask_person",), cost=Cost(seconds=30.0))
async def ask(inputs: AskInput, ctx: AgentContext) -> AskOutput:
    """Ask the person what only they can know, and wait for the answer. Calls no model."""
    return AskOutput(answer=ctx.ask_person(inputs.question, inputs.choices))
