"""How a person is asked, and what they may answer.

The shapes are those of LangChain's human-in-the-loop middleware, so that existing clients can
show them: a request with `action_requests` and `review_configs`, answered by `decisions`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST = 8_000
"""Characters of what a person says: as many as a request may have."""


class Action(BaseModel):
    """The action as the person wants it."""

    name: str
    args: dict[str, Any]


class Approve(BaseModel):
    """Go on as planned."""

    type: Literal["approve"]


class Edit(BaseModel):
    """Go on with this plan instead."""

    type: Literal["edit"]
    edited_action: Action


class Reject(BaseModel):
    """Do not go on. With a message the planner tries again; without, the run ends."""

    type: Literal["reject"]
    message: str = Field(default="", max_length=LONGEST)


class Respond(BaseModel):
    """What the person answers to a question."""

    type: Literal["respond"]
    message: str = Field(max_length=LONGEST)


Decision = Annotated[Approve | Edit | Reject, Field(discriminator="type")]
DecisionType = Literal["approve", "edit", "reject", "respond"]


class Answer(BaseModel):
    """The answer to one request: one decision."""

    model_config = ConfigDict(extra="ignore")

    decisions: Annotated[list[Decision], Field(min_length=1, max_length=1)]


class Reply(BaseModel):
    """The answer to a question: its words, or that there is none."""

    model_config = ConfigDict(extra="ignore")

    decisions: Annotated[
        list[Annotated[Respond | Reject, Field(discriminator="type")]],
        Field(min_length=1, max_length=1),
    ]


def approval_request(
    action: str,
    args: dict[str, Any],
    description: str,
    allowed: Sequence[DecisionType] = ("approve", "edit", "reject"),
) -> dict[str, Any]:
    """Return an interrupt payload in LangChain's human-in-the-loop shape, for one action.

    Args:
        action: its name, e.g. "run_plan".
        args: what would be done, as JSON.
        description: the same for people.
        allowed: what may be decided.
    """
    return {
        "action_requests": [{"name": action, "args": args, "description": description}],
        "review_configs": [{"action_name": action, "allowed_decisions": list(allowed)}],
    }
