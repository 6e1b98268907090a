"""Runs a pattern's graph as the command line does, with checkpoints and answers, in one process."""

import asyncio
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from cliptrail.evals.running import installation
from cliptrail.graphs.base import Builder
from cliptrail.graphs.registry import Pattern, patterns
from cliptrail.state.context import Context
from cliptrail.state.plan import Plan, Step, StoredPlan
from cliptrail.tools.checkpoints import serializer
from cliptrail.tools.models.connections import closing
from tests.docs.pages import ROOT, blocks
from tests.limits import SOON

PATTERNS = patterns()
"""Those of the user's own too, where the environment names them: they keep the same contract."""


def documented() -> Pattern:
    """The pattern that the documentation shows as one file of a user's own."""
    page = ROOT / "docs/extending.md"
    (shown,) = (block.text for block in blocks(page) if block.title == "recipe.py")
    module = ModuleType("recipe")
    exec(compile(shown, str(page), "exec"), vars(module))
    return next(row for row in vars(module).values() if isinstance(row, Pattern))


ALL_PATTERNS = {**PATTERNS, "recipe": documented()}
BRISKET = "How long does a brisket take overnight on a kamado, at which temperature?"
"""A question that the samples answer."""
UNANSWERABLE = "How do I prune a cherry tree in winter?"
CALLS = {"planner": 3, "supervisor": 6, "react": 7, "handoff": 6, "recipe": 2}
"""How many model calls each pattern makes for `BRISKET` when nothing goes wrong."""


class Play:
    """One thread of one pattern; the samples answer, and nobody needs to approve."""

    def __init__(self, pattern: str = "planner", builder: Builder | None = None, **options: Any):
        self.saver = InMemorySaver(serde=serializer())
        self.context = Context(**{"library": "samples", "approval": "auto", **options})
        wired = builder or ALL_PATTERNS[pattern].build()
        self.graph = wired.compile(checkpointer=self.saver)
        self.config: Any = {"configurable": {"thread_id": "one"}, "recursion_limit": 200}

    async def run(self, given: Any) -> dict[str, Any]:
        """Run until the tail or a question; what the caller gets."""
        call = self.graph.ainvoke(given, self.config, context=self.context)
        output = await asyncio.wait_for(call, SOON)
        assert isinstance(output, dict)
        return output

    async def watch(self, given: Any, mode: Any) -> list[Any]:
        """Run, and give all that one of the streams brings."""
        async with asyncio.timeout(SOON):
            stream = self.graph.astream(given, self.config, context=self.context, stream_mode=mode)
            return [chunk async for chunk in stream]

    async def ask(self, request: str, **more: Any) -> dict[str, Any]:
        return await self.run({"request": request, **more})

    async def answer(self, value: Any) -> dict[str, Any]:
        """Answer the one open question."""
        (name,) = await self.questions()
        return await self.run(Command(resume={name: value}))

    async def decide(self, kind: str, **more: Any) -> dict[str, Any]:
        return await self.answer({"decisions": [{"type": kind, **more}]})

    async def edit(self, plan: dict[str, Any]) -> dict[str, Any]:
        return await self.decide("edit", edited_action={"name": "run_plan", "args": {"plan": plan}})

    async def questions(self) -> dict[str, dict[str, Any]]:
        snapshot = await self.graph.aget_state(self.config)
        return {row.id: row.value for task in snapshot.tasks for row in task.interrupts}

    async def question(self) -> dict[str, Any]:
        """The one action that a person is asked about."""
        (payload,) = (await self.questions()).values()
        (action,) = payload["action_requests"]
        assert isinstance(action, dict)
        return action

    async def state(self) -> dict[str, Any]:
        return dict((await self.graph.aget_state(self.config)).values)


def steps(query: str = "brisket kamado overnight") -> tuple[Step, ...]:
    """A small plan: one search, one transcript, its claims, the guide."""
    return (
        Step(id="find", agent="search", inputs={"query": query}),
        Step(
            id="fetch", agent="transcript", for_each="$find.videos[:1]", inputs={"video": "$item"}
        ),
        Step(id="read", agent="extract", inputs={"transcripts": "$fetch"}),
        Step(id="write", agent="compose", inputs={"claims": "$read.claims"}),
    )


def stored(*more: Step) -> StoredPlan:
    return StoredPlan(plan=Plan(goal="Brisket", steps=(*steps(), *more)))


@cache
def usual_calls(pattern: str) -> int:
    """Return how many model calls a pattern makes for `BRISKET`; a user's own is run to know it."""
    if pattern in CALLS:
        return CALLS[pattern]
    with installation():
        output = asyncio.run(closing(Play(pattern).ask(BRISKET)))
    assert output["status"] == "complete"
    return int(output["usage"].calls)


def each_call(names: Iterable[str], first: int = 0) -> list[tuple[str, int]]:
    """Return each pattern with the number of each of its usual calls, counted from 0."""
    return [(name, call) for name in names for call in range(first, usual_calls(name))]
