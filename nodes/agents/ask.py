"""The agent `ask`: puts a question to the person, and the run waits for the answer."""

from pydantic import Field

from nodes.desk import Desk
from nodes.registry import agent
from state.base import Frozen
from state.plan import Cost


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
async def ask(inputs: AskInput, desk: Desk) -> AskOutput:
    """Ask the person what only they can know, and wait for the answer. Calls no model."""
    return AskOutput(answer=desk.ask_person(inputs.question, inputs.choices))
