"""Which inputs a task gets: those that an intent leaves open come from the results handed on."""

import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cliptrail.agents.registry import Agent, agents, offered
from cliptrail.nodes.common.growing_plan import numbered
from cliptrail.plans.expansion import needed_steps
from cliptrail.plans.types import element_type
from cliptrail.state.evidence import Guide
from cliptrail.state.handoffs import Intent
from cliptrail.state.plan import Step
from cliptrail.state.request import Notes
from cliptrail.state.run import Run

MOST_READ = 8
"""Elements of a list that is handed on to be done one by one."""
CHAIN = ("find_videos", "read_transcript", "extract_claims", "compose_guide")
"""Capabilities on the way from a request to a guide, each using what the one before it gives."""
ITEM = "$item"


@dataclass(frozen=True)
class _List:
    """A list in the results of a finished step."""

    ref: str
    element: Any
    """Type of its elements."""
    size: int
    step: Step
    fresh: bool
    """Has no step of the agent that would take it used it yet?"""


def candidates(intent: Intent, excluded: Iterable[str] = ()) -> list[Agent]:
    """Return the agents that have the capability that an intent names and are not excluded."""
    out = set(excluded)
    return [
        agent
        for agent in offered().values()
        if intent.capability in agent.capabilities and agent.name not in out
    ]


def step_for(intent: Intent, agent: Agent, handed: Sequence[str], run: Run) -> Step:
    """Make the step by which an agent would do what is intended.

    Args:
        intent: inputs that it names stay as they are.
        agent: that would do it.
        handed: steps whose results it may use.
        run: the run so far.
    """
    inputs, over = _filled(intent, agent, list(_lists(handed, run, agent)), run)
    steps = run.plan.steps
    return Step(
        id=numbered(agent.name, steps),
        agent=agent.name,
        brief=intent.words,
        inputs=inputs,
        for_each=over or None,
    )


def next_in_chain(handed: Sequence[str], run: Run) -> Intent | None:
    """Return what comes next by rule: the last of the chain for which there is something new.

    Args:
        handed: steps whose results may be used.
        run: the run so far.
    """
    for capability in reversed(CHAIN[1:]):
        words = f"Go on by rule: {capability.replace('_', ' ')}."
        intent = Intent(words=words, capability=capability, last=capability == CHAIN[-1])
        for agent in candidates(intent):
            fresh = [row for row in _lists(handed, run, agent) if row.fresh]
            inputs, _ = _filled(intent, agent, fresh, run)
            if any(_model(agent.input.model_fields[name]) for name in inputs):
                return intent
    return None


def _filled(
    intent: Intent, agent: Agent, lists: Sequence[_List], run: Run
) -> tuple[dict[str, Any], str]:
    """Fill in the inputs that an intent leaves open, and what to map over."""
    inputs, over = dict(intent.inputs), intent.for_each
    for name, field in agent.input.model_fields.items():
        if name in inputs:
            continue
        if element_type(field.annotation) is not None:
            if found := _of_type(name, field, lists):
                fresh = [row for row in found if row.fresh]
                # A guide is made of all that was found, other work of what is new.
                all_ = not fresh or agent.output is Guide
                inputs[name] = [row.ref for row in (found if all_ else fresh)]
        elif (kind := _model(field)) and not intent.inputs:
            over = over or _mapped(kind, lists)
            inputs |= {name: ITEM} if over else {}
        elif field.is_required() and field.annotation is str:
            inputs[name] = _words(intent, agent, run.notes)
    return inputs, over


def _words(intent: Intent, agent: Agent, notes: Notes) -> str:
    return (CHAIN[0] in agent.capabilities and notes.topic) or intent.words


def _model(field: FieldInfo) -> type[BaseModel] | None:
    """The Pydantic model that a field takes, alone or in a list; None if it takes another type."""
    kind = element_type(field.annotation) or field.annotation
    models = [row for row in (*typing.get_args(kind), kind) if _is_model(row)]
    return models[0] if len(models) == 1 else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _of_type(name: str, field: FieldInfo, lists: Sequence[_List]) -> list[_List]:
    """Return the lists that a list input takes; those of texts only under its own name.

    A list from which another one was made is left out, e.g. claims that a critic has checked since.
    """
    wanted = element_type(field.annotation)
    found = [
        row
        for row in lists
        if row.element == wanted and (_is_model(wanted) or row.ref.rpartition(".")[2] == name)
    ]
    remade = {need for row in found for need in needed_steps(row.step)}
    return [row for row in found if row.step.id not in remade]


def _mapped(kind: type[BaseModel], lists: Sequence[_List]) -> str:
    """Return what to map over for a single input: the latest new list of its type; maybe none."""
    rows = (row for row in lists if row.element == kind and (row.step.for_each or "." in row.ref))
    found = sorted(rows, key=lambda row: row.fresh)
    return f"{found[-1].ref}[:{min(found[-1].size, MOST_READ)}]" if found else ""


def _lists(handed: Sequence[str], run: Run, agent: Agent) -> Iterator[_List]:
    """Return every list that is not empty in what was handed on; guides are not taken apart."""
    steps = run.plan.steps
    used = {need for step in steps if step.agent == agent.name for need in needed_steps(step)}
    for step in steps:
        gives = agents()[step.agent].output
        done = run.results.of_steps([step.id]).json_outputs()
        if step.id in handed and done and gives is not Guide:
            fresh = step.id not in used
            yield _List(f"${step.id}", gives, len(done), step, fresh)
            for name, gave in done.items():
                yield from _fields(name, gave, step, fresh)


def _fields(name: str, gave: Mapping[str, Any], step: Step, fresh: bool) -> Iterator[_List]:
    for field, info in agents()[step.agent].output.model_fields.items():
        element, rows = element_type(info.annotation), gave.get(field)
        if element is not None and isinstance(rows, list) and rows:
            yield _List(f"${name}.{field}", element, len(rows), step, fresh)
