"""Agents that know no outside world, and strategies for plans of them and for how steps end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st
from pydantic import BaseModel, Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import Agent
from cliptrail.plans.inputs import ready_inputs
from cliptrail.state.base import Frozen
from cliptrail.state.errors import Failure
from cliptrail.state.plan import Cost, Instance, Plan, Step
from cliptrail.state.steps import Skip, StepResult

JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | JSON_TEXT
)
JSON = st.recursive(
    LEAVES,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(JSON_TEXT, part, max_size=3),
    max_leaves=8,
)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


class Item(Frozen):
    name: str
    size: int = 0
    label: str | None = None


class FindInput(Frozen):
    query: str = Field(min_length=1)
    limit: int = Field(default=5, ge=1, le=50)
    mode: Literal["all", "best"] = "all"


class Found(Frozen):
    items: tuple[Item, ...] = ()
    names: list[str] = Field(default_factory=list)
    total: int = 0
    best: Item | None = None
    loose: Any = None


class ReadInput(Frozen):
    item: Item | None = None
    name: str = ""


class Document(Frozen):
    title: str
    parts: tuple[str, ...] = ()


class PickInput(Frozen):
    documents: tuple[Document, ...] = Field(min_length=1)
    """What to pick from."""
    names: tuple[str, ...] = ()


class Picked(Frozen):
    claims: tuple[str, ...] = ()


class WriteInput(Frozen):
    claims: tuple[str, ...] = ()
    ratio: float = 0.0


class Paper(Frozen):
    body: str = ""


async def _nothing(_: Any, __: AgentContext) -> BaseModel:
    raise AssertionError("these agents are never run")


def made(
    name: str,
    takes: type[BaseModel],
    gives: type[BaseModel],
    cost: Callable[[Mapping[str, int]], Cost] = lambda _: Cost(seconds=1),
    *,
    accept_partial: bool = False,
) -> Agent:
    return Agent(
        name=name,
        summary=name,
        capabilities=frozenset(),
        input=takes,
        output=gives,
        tier="cheap",
        cost=cost,
        run=_nothing,
        accept_partial=accept_partial,
    )


def by_length(sizes: Mapping[str, int]) -> Cost:
    return Cost(calls=1, input_tokens=10 * sizes.get("documents", 0), seconds=2)


AGENTS = {
    agent.name: agent
    for agent in (
        made("find", FindInput, Found),
        made("read", ReadInput, Document),
        made("pick", PickInput, Picked, by_length, accept_partial=True),
        made("write", WriteInput, Paper),
    )
}

PATHS: dict[str, dict[str, tuple[str, ...]]] = {
    "find": {
        "text": (".names[0]", ".items[1].name", ".best.name", ".items[0].label"),
        "texts": (".names", ".names[:2]", ".names[1:]"),
        "int": (".total", ".items[2].size"),
        "item": (".items[0]", ".items[3]", ".best"),
        "items": (".items", ".items[1:3]"),
        "any": (".loose", ".loose[0].x", ".loose.y[1:2]"),
    },
    "read": {"document": ("",), "text": (".title", ".parts[0]"), "texts": (".parts", ".parts[:1]")},
    "pick": {"texts": (".claims", ".claims[2:4]"), "text": (".claims[1]",)},
    "write": {"text": (".body",)},
}
"""What can be read of each agent's output, by kind: written by hand, to check the types against."""

ELEMENTS = {"texts": "text", "items": "item", "documents": "document"}


@dataclass(frozen=True)
class Made:
    """A plan that is valid by construction, with the number of instances of each step."""

    plan: Plan
    sizes: dict[str, int | None]


@dataclass
class _Maker:
    draw: st.DrawFn
    steps: list[Step]
    sizes: dict[str, int | None]
    item: str = ""
    """Kind of $item in the step being made; empty if it is not mapped."""

    def readable(self, *kinds: str) -> list[str]:
        """Every reference, without its dollar, that gives one of these kinds."""
        found = ["item"] if self.item in kinds else []
        if self.item == "item" and "text" in kinds:
            found.append("item.name")
        for step in self.steps:
            places = _places(self.sizes[step.id])
            paths = [path for kind in kinds for path in PATHS[step.agent].get(kind, ())]
            found += [f"{step.id}{place}{path}" for place in places for path in paths]
            size = self.sizes[step.id]
            if size is not None and step.agent == "read" and "documents" in kinds:
                found += [step.id, f"{step.id}[:2]", f"{step.id}[{size - 1}:]"]
        return found

    def reference(self, *kinds: str) -> str | None:
        found = self.readable(*kinds, "any")
        return self.draw(st.sampled_from(found)) if found else None

    def text(self) -> str:
        found = self.reference("text")
        if found is None or self.draw(st.integers(0, 3)) == 0:
            return "plain $$ text"
        return self.draw(st.sampled_from([f"${found}", f"about ${{{found}}}!"]))

    def texts(self) -> Any:
        found = self.reference("texts")
        if found and self.draw(st.booleans()):
            return f"${found}"
        return [self.text(), *([f"${found}"] if found else [])]

    def inputs(self, agent: str) -> dict[str, Any] | None:
        """Inputs that fit, or None if there is nothing to read yet."""
        if agent == "find":
            number = self.reference("int")
            return {"query": self.text(), **({"limit": f"${number}"} if number else {})}
        if agent == "read":
            item = self.reference("item")
            return {"item": f"${item}"} if item else {"name": self.text()}
        if agent == "write":
            return {"claims": self.texts(), **({"ratio": "$index"} if self.item else {})}
        one, many = self.reference("document"), self.reference("documents")
        parts = [f"${found}" for found in (one, many) if found]
        if many and self.draw(st.booleans()):
            return {"documents": f"${many}", "names": self.texts()}
        return {"documents": parts} if parts else None

    def mapping(self) -> tuple[str, int, str] | None:
        """A `for_each`, its number of instances, and the kind of $item."""
        rows: list[tuple[str, int, str]] = []
        for step in self.steps:
            size = self.sizes[step.id]
            for kind in ("texts", "items"):
                paths = [path for path in PATHS[step.agent].get(kind, ()) if ":" not in path]
                places = _places(size)
                rows += [(f"${step.id}{p}{q}[1:4]", 3, kind) for p in places for q in paths]
            if size is not None and step.agent == "read":
                rows += [(f"${step.id}", size, "documents"), (f"${step.id}[:1]", 1, "documents")]
                rows += [(f"${step.id}[1:]", size - 1, "documents")] if size > 1 else []
                rows += [(f"${step.id}[:2][:1]", 1, "documents")]
        return self.draw(st.sampled_from(rows)) if rows else None

    def step(self, name: str) -> None:
        agent = self.draw(st.sampled_from(sorted(AGENTS)))
        mapping = self.mapping() if self.draw(st.booleans()) else None
        self.item = ELEMENTS[mapping[2]] if mapping else ""
        inputs = self.inputs(agent)
        if inputs is None:
            agent, inputs = "find", {"query": "anything"}
        needs = st.lists(st.sampled_from([s.id for s in self.steps] or [name]), max_size=1)
        self.steps.append(
            Step(
                id=name,
                agent=agent,
                inputs=inputs,
                for_each=mapping[0] if mapping else None,
                depends_on=tuple(self.draw(needs)) if self.steps else (),
                accept_partial=self.draw(st.none() | st.booleans()),
            )
        )
        self.sizes[name] = mapping[1] if mapping else None


def _places(size: int | None) -> list[str]:
    return [""] if size is None else [f"[{place}]" for place in range(size)]


@st.composite
def made_plans(draw: st.DrawFn) -> Made:
    """Valid plans of 1 to 7 steps, listed in any order."""
    maker = _Maker(draw, [], {})
    for number in range(draw(st.integers(1, 7))):
        maker.step(f"s{number}" if number else "s")
    steps = draw(st.permutations(maker.steps))
    return Made(Plan(goal="g", steps=tuple(steps)), maker.sizes)


LOOSE_VALUES = st.sampled_from(
    [
        *("$item", "$index", "${item.name}!", "plain", "$$", "${", "a $a.b", "$nobody.x", 7, None),
        *(["$s.names", "x"], ["$item"], [], {"name": "$s.names[0]"}, {}, 2.5, True, [["$s.names"]]),
        *(f"$s{n}{path}" for n in ("", 1, 2) for path in ("", "[0]", ".items", ".parts", "[5:]")),
        *(f"$s{n}{path}" for n in ("", 1, 2) for path in (".title", "[0].title", ".loose", ".x")),
    ]
)


@st.composite
def loose_plans(draw: st.DrawFn) -> Plan:
    """Plans that a careless model may write: few are valid, all look like plans."""
    plan = draw(made_plans()).plan
    steps = list(plan.steps)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(steps) - 1))
        steps[at] = steps[at].model_copy(update=draw(_damage(steps[at])))
    return Plan(steps=tuple(steps))


def _damage(step: Step) -> st.SearchStrategy[dict[str, Any]]:
    fields = [*AGENTS["find"].input.model_fields, "documents", "names", "item", "claims"]
    inputs = st.dictionaries(st.sampled_from(fields), LOOSE_VALUES, min_size=1, max_size=2)
    over = st.sampled_from(["$s", "$s.items[:2]", "$s1[1:]", "$s1[:9]", "$s2.loose[:2]", "", "s"])
    return st.one_of(
        st.fixed_dictionaries({"inputs": inputs.map(lambda new: {**step.inputs, **new})}),
        st.fixed_dictionaries({"inputs": inputs}),
        st.fixed_dictionaries({"for_each": st.none() | over}),
        st.fixed_dictionaries({"agent": st.sampled_from([*AGENTS, "nobody"])}),
        st.fixed_dictionaries({"id": st.sampled_from(["s", "s1", "item", "S 1", ""])}),
        st.fixed_dictionaries({"depends_on": st.just(("s2",))}),
    )


ITEMS = st.builds(Item, name=JSON_TEXT, size=st.integers(0, 9), label=st.none() | JSON_TEXT)
OUTPUTS: dict[str, st.SearchStrategy[BaseModel]] = {
    "find": st.builds(
        Found,
        items=st.lists(ITEMS, max_size=4).map(tuple),
        names=st.lists(JSON_TEXT, max_size=3),
        total=st.integers(-1, 60),
        best=st.none() | ITEMS,
        loose=JSON,
    ),
    "read": st.builds(Document, title=JSON_TEXT, parts=st.lists(JSON_TEXT, max_size=3).map(tuple)),
    "pick": st.builds(Picked, claims=st.lists(JSON_TEXT, max_size=3).map(tuple)),
    "write": st.builds(Paper, body=JSON_TEXT),
}
"""What an agent may give: the lengths of its lists are whatever they are."""


def done(name: str, output: BaseModel | None = None) -> StepResult:
    given = (output or Paper()).model_dump(mode="json")
    return StepResult(id=name, agent="any", status="done", output=given)


def failed(name: str) -> StepResult:
    failure = Failure(kind="blocked", message="refused")
    return StepResult(id=name, agent="any", status="failed", failure=failure)


def absent(name: str) -> StepResult:
    skip = Skip(kind="absent", message="no such element")
    return StepResult(id=name, agent="any", status="skipped", skip=skip)


def lost(name: str) -> StepResult:
    skip = Skip(kind="upstream", message="something failed")
    return StepResult(id=name, agent="any", status="skipped", skip=skip)


def play(
    instances: Sequence[Instance],
    sizes: Mapping[str, int | None],
    perform: Callable[[Instance], BaseModel | None],
) -> dict[str, StepResult]:
    """Run instances one by one, without a graph.

    Args:
        instances: in topological order.
        sizes: number of instances by step.
        perform: gives a step's output, or None for a failure.
    """
    results: dict[str, StepResult] = {}
    for row in instances:
        inputs = ready_inputs(row, AGENTS[row.agent], results, sizes)
        if isinstance(inputs, Skip):
            results[row.id] = StepResult(id=row.id, agent=row.agent, status="skipped", skip=inputs)
        else:
            output = perform(row)
            results[row.id] = done(row.id, output) if output is not None else failed(row.id)
    return results
