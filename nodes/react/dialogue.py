"""The dialogue with an agent: the request, its calls, and in short what came of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    InvalidToolCall,
    RemoveMessage,
    ToolCall,
    ToolMessage,
)
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from cliptrail.nodes.common.result_summaries import result_summaries
from cliptrail.nodes.react.tool_calls import Call, Outcome
from cliptrail.prompts import agent as prompt
from cliptrail.state.dialogue import DialogueRun
from cliptrail.tools.models.gateway import count_tokens
from cliptrail.tools.text.cleaning import encodable

STEPS = "steps"
"""Key of a tool message's artifact: ids of the steps that its call became."""


def said_before(run: DialogueRun, short: int = 0) -> list[AnyMessage]:
    """Return the messages of this run, with what came of each call as the state has it now.

    Args:
        run: the run so far.
        short: how many calls, the oldest first, are shown without what they gave in words.
    """
    rows = run.messages
    if not rows or rows[0].id != run.id:
        return []
    calls = [row for row in rows if isinstance(row, ToolMessage)]
    shortened = {row.tool_call_id for row in calls[:short]}
    return [
        _with_result(row, run, short=row.tool_call_id in shortened)
        if isinstance(row, ToolMessage) and row.artifact
        else row
        for row in rows
    ]


def _with_result(row: ToolMessage, run: DialogueRun, *, short: bool) -> ToolMessage:
    wanted = set(row.artifact[STEPS])
    steps = [step for step in run.plan.steps if step.id in wanted]
    entries = result_summaries(steps, run.results, run.notes)
    shown = [_in_short(entry) if short else _told(entry) for entry in entries]
    return row.model_copy(update={"content": prompt.result(shown)})


def _told(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in ("agent", "brief")}


def _in_short(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry with the ids alone of what the step gave."""
    gave = entry.get("gave", {})
    lists = {name: rows for name, rows in gave.items() if isinstance(rows, list)}
    ids = {
        name: [row["id"] for row in rows if isinstance(row, dict) and "id" in row]
        for name, rows in lists.items()
    }
    kept = {"step": entry["step"], "status": entry["status"]}
    return {**kept, "gave": {name: rows for name, rows in ids.items() if rows}}


@dataclass(frozen=True)
class Fitted:
    """Messages that keep to a length, as far as shortening goes."""

    messages: list[AnyMessage]
    shortened: int
    """How many calls, the oldest first, are shown in short."""


def fitted(run: DialogueRun, room: int) -> Fitted:
    """The messages of this run, the results of the oldest calls shortened where they must be.

    What came of the last turn's calls is always shown in full.

    Args:
        run: the run so far.
        room: tokens that they should not pass.
    """
    whole = said_before(run)
    last = max((at for at, row in enumerate(whole) if isinstance(row, AIMessage)), default=0)
    older = sum(isinstance(row, ToolMessage) for row in whole[:last])
    for short in range(older + 1):
        messages = said_before(run, short) if short else whole
        if count_tokens(messages, None) <= room:
            break
    return Fitted(messages, short)


def opening(request: HumanMessage, run: str) -> list[AnyMessage]:
    """Return the first message of a run's dialogue.

    Args:
        request: as rendered.
        run: id of the run.
    """
    return [request.model_copy(update={"id": run})]


def forgetting(run: DialogueRun) -> list[RemoveMessage]:
    """Return what drops the messages of an earlier run of the thread, if there are any."""
    rows = run.messages
    own = not rows or rows[0].id == run.id
    return [] if own else [RemoveMessage(id=REMOVE_ALL_MESSAGES)]


def storable(said: AIMessage, before: Sequence[AnyMessage]) -> AIMessage:
    """Return a model's message as a checkpoint can hold it and a later request repeat it.

    Halves of characters are replaced. Ids are given where the server gives none, or one twice:
    what came of a call is found by them.

    Args:
        said: as it came.
        before: the messages before it.
    """
    data = _encodable(said.model_dump())
    number = sum(isinstance(row, AIMessage) for row in before)
    if not data["id"] or data["id"] in {row.id for row in before}:
        data["id"] = f"turn_{number}"
    taken = {row.tool_call_id for row in before if isinstance(row, ToolMessage)}
    for place, call in enumerate([*data["tool_calls"], *data["invalid_tool_calls"]]):
        if not call["id"] or call["id"] in taken:
            call["id"] = f"call_{number}_{place}"
        taken.add(call["id"])
    return AIMessage.model_validate(data)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(row) for name, row in value.items()}
    return [_encodable(row) for row in value] if isinstance(value, list) else value


def calls_of(said: AIMessage) -> list[Call]:
    """Return the calls of a message, those among them whose arguments are no JSON."""
    rows: Sequence[ToolCall | InvalidToolCall] = [*said.tool_calls, *said.invalid_tool_calls]
    return [Call(row["id"] or "", row["name"] or "", row["args"]) for row in rows]


def replies(outcomes: Iterable[Outcome], run: str) -> list[ToolMessage]:
    """Return the answer to each call: faults now, results when its steps have ended.

    Args:
        outcomes: what the calls became.
        run: id of the run.
    """
    return [_reply(row, f"{run}.{row.call.id}") for row in outcomes]


def _reply(row: Outcome, name: str) -> ToolMessage:
    reply = ToolMessage("", tool_call_id=row.call.id, name=row.call.name or "unknown", id=name)
    if row.faults:
        told = prompt.returned(list(row.faults))
        return reply.model_copy(update={"content": told, "status": "error"})
    if row.notes is not None:
        return reply.model_copy(update={"content": "Noted."})
    return reply.model_copy(update={"artifact": {STEPS: list(row.steps)}})
