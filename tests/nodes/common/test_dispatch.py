"""Dispatch in a real graph: steps start early, end as values, and do not run twice."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import Agent, agent, agents
from cliptrail.graphs.planner import build as planner
from cliptrail.nodes.common import run_step
from cliptrail.nodes.common.dispatch import dispatch
from cliptrail.nodes.common.run_scope import close_run_scope, run_scope
from cliptrail.nodes.common.run_step import node_of
from cliptrail.plans.expansion import expand
from cliptrail.plans.validation import validate
from cliptrail.state.base import Frozen
from cliptrail.state.context import Context
from cliptrail.state.errors import Blocked
from cliptrail.state.events import EVENT, StepEnded, StepStarted, StepWaiting
from cliptrail.state.plan import Cost, Plan, Step
from cliptrail.state.request import Notes
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult, StepTask
from cliptrail.state.usage import ModelCall
from cliptrail.tools.checkpoints import open_saver, serializer
from tests.limits import SOON

pytestmark = pytest.mark.usefixtures("installation", "empty_registry")
Act = Callable[[], Awaitable[Any]]


class Stage:
    """Where the test agents act: what each step does, and what has happened so far."""

    def __init__(self) -> None:
        self.acts: dict[str, Act] = {}
        self.log: list[str] = []
        self.inputs: dict[str, Any] = {}
        self.events: dict[str, asyncio.Event] = {}

    def event(self, name: str) -> asyncio.Event:
        return self.events.setdefault(name, asyncio.Event())

    def happened(self, what: str) -> None:
        self.log.append(what)
        self.event(what).set()

    async def perform(self, inputs: Frozen, ctx: AgentContext) -> Any:
        self.inputs[ctx.step] = inputs
        self.happened(f"start {ctx.step}")
        given_ = await self.acts[ctx.step]() if ctx.step in self.acts else None
        self.happened(f"end {ctx.step}")
        return given_

    def ends(self) -> Counter[str]:
        """How often each step ended."""
        return Counter(line.removeprefix("end ") for line in self.log if line.startswith("end "))

    def before(self, first: str, second: str) -> bool:
        return self.log.index(first) < self.log.index(second)


class Pieces(Frozen):
    after: tuple[str, ...] = ()
    item: str = ""


class Given(Frozen):
    text: str = ""
    rows: tuple[str, ...] = ()


@pytest.fixture
def stage(empty_registry: None) -> Stage:
    """Register the agents `make` (strict) and `gather` (partial input is enough)."""
    stage = Stage()
    close_run_scope("run")

    @agent(capabilities=("make",), cost=Cost(seconds=1))
    async def make(inputs: Pieces, ctx: AgentContext) -> Given:
        """Do what the test says."""
        given_ = await stage.perform(inputs, ctx)
        return Given(text=f"{ctx.step}({','.join(inputs.after)})") if given_ is None else given_

    @agent(capabilities=("gather",), cost=Cost(seconds=1), accept_partial=True)
    async def gather(inputs: Pieces, ctx: AgentContext) -> Given:
        """Make do with what there is."""
        await stage.perform(inputs, ctx)
        return Given(text=f"{ctx.step}({','.join(inputs.after)})")

    return stage


def step(name: str, *after: str, by: str = "make", **more: Any) -> Step:
    """A step that reads the texts of others."""
    inputs = {"after": [f"${need}.text" for need in after], **more.pop("inputs", {})}
    return Step(id=name, agent=by, inputs=inputs, **more)


def compiled(saver: Any = None) -> Any:
    graph = StateGraph(ResearchState, context_schema=Context)
    graph.add_node("dispatch", dispatch, destinations=(*agents(), "save"))
    for row in agents().values():
        graph.add_node(row.name, node_of(row), input_schema=StepTask)
        graph.add_edge(row.name, "dispatch")
    graph.add_node("save", lambda _: {"message": "saved"})
    graph.add_edge(START, "dispatch")
    graph.add_edge("save", END)
    return graph.compile(checkpointer=saver)


def fresh(*steps: Step) -> ResearchState:
    plan = Plan(steps=steps)
    assert validate(plan, agents()) == ()
    return {"run": "run", "request": "q", "notes": Notes(), "plan": plan}


def options(dispatch: str = "eager") -> Context:
    return Context.model_validate({"library": "samples", "dispatch": dispatch})


CONFIG: dict[str, Any] = {"configurable": {"thread_id": "t"}}


async def run(
    graph: Any, given_: Any, mode: str = "eager", config: dict[str, Any] | None = None
) -> dict[str, Any]:
    call = graph.ainvoke(given_, config or CONFIG, context=options(mode))
    result = await asyncio.wait_for(call, SOON)
    assert isinstance(result, dict)
    return result


def texts(state: dict[str, Any]) -> dict[str, str]:
    return {name: row.output["text"] for name, row in state["results"].items() if row.output}


def statuses(state: dict[str, Any]) -> dict[str, str]:
    return {name: row.status for name, row in state["results"].items()}


# --- eager, and level by level ------------------------------------------------------------------


async def test_a_step_starts_while_a_slow_sibling_of_its_producer_still_works(
    stage: Stage,
) -> None:
    async def until_c_starts() -> None:
        await stage.event("start c").wait()

    stage.acts["slow"] = until_c_starts
    state = await run(compiled(), fresh(step("a"), step("slow"), step("c", "a")))
    assert texts(state) == {"a": "a()", "slow": "slow()", "c": "c(a())"}
    assert stage.before("start c", "end slow")
    assert state["round"] == 1


async def test_level_by_level_it_waits_for_the_slow_one(stage: Stage) -> None:
    async def as_long_as_it_may_take() -> None:
        await stage.event("end a").wait()
        for _ in range(200):
            await asyncio.sleep(0)

    stage.acts["slow"] = as_long_as_it_may_take
    state = await run(compiled(), fresh(step("a"), step("slow"), step("c", "a")), "levels")
    assert texts(state)["c"] == "c(a())"
    assert stage.before("end slow", "start c")
    assert state["round"] == 2


async def test_an_element_does_not_wait_for_the_other_elements(stage: Stage) -> None:
    async def rows() -> Given:
        return Given(rows=("x", "y"))

    async def until_the_other_chain_ends() -> None:
        await stage.event("end use[1]").wait()

    stage.acts |= {"list": rows, "read[0]": until_the_other_chain_ends}
    read = step("read", for_each="$list.rows[:3]", inputs={"item": "$item"})
    use = step("use", for_each="$read", inputs={"after": ["$item.text"]})
    state = await run(compiled(), fresh(step("list"), read, use))
    assert stage.before("end use[1]", "end read[0]")
    assert statuses(state) == {
        "list": "done",
        **dict.fromkeys(["read[0]", "read[1]", "use[0]", "use[1]"], "done"),
        **dict.fromkeys(["read[2]", "use[2]"], "skipped"),
    }


async def test_an_absent_element_is_nobodys_fault_down_the_chain(stage: Stage) -> None:
    read = step("read", for_each="$list.rows[:2]", inputs={"item": "$item"})
    use = step("use", for_each="$read", inputs={"after": ["$item.text"]})
    last = step("last", inputs={"after": ["${use[0].text} and ${use[1].text}"]})
    state = await run(compiled(), fresh(step("list"), read, use, last))
    skips = {name: row.skip.kind for name, row in state["results"].items() if row.skip}
    assert skips == dict.fromkeys(["read[0]", "read[1]", "use[0]", "use[1]", "last"], "absent")
    assert state["results"]["read[1]"].reason == "Not needed: there is no [1]."
    assert list(stage.ends()) == ["list"]


GRAPHS = st.integers(1, 8).flatmap(
    lambda count: st.tuples(
        *(
            st.lists(st.sampled_from([f"s{n}" for n in range(place)]), unique=True, max_size=3)
            if place
            else st.just([])
            for place in range(count)
        )
    )
)


@given(needs=GRAPHS, mode=st.sampled_from(["eager", "levels"]), slots=st.sampled_from([None, 1, 2]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_is_dispatched_the_results_are_the_same(
    stage: Stage, needs: tuple[list[str], ...], mode: str, slots: int | None
) -> None:
    stage.log.clear()
    steps = [step(f"s{number}", *row) for number, row in enumerate(needs)]
    expected: dict[str, str] = {}
    depth: dict[str, int] = {}
    for row, after in zip(steps, needs, strict=True):
        expected[row.id] = f"{row.id}({','.join(expected[need] for need in after)})"
        depth[row.id] = 1 + max((depth[need] for need in after), default=0)
    config = {**CONFIG, **({"max_concurrency": slots} if slots else {})}
    state = asyncio.run(run(compiled(), fresh(*reversed(steps)), mode, config))
    assert texts(state) == expected
    assert stage.ends() == Counter(list(expected))
    assert state["round"] == (1 if mode == "eager" else max(depth.values()))


async def test_one_at_a_time_does_not_deadlock(stage: Stage) -> None:
    steps = [step("d", "b", "c"), step("c", "a"), step("b", "a"), step("a")]
    state = await run(compiled(), fresh(*steps), config={**CONFIG, "max_concurrency": 1})
    assert texts(state)["d"] == "d(b(a()),c(a()))"
    assert state["round"] == 1


# --- failures are values ------------------------------------------------------------------------


async def blocked() -> None:
    raise Blocked("YouTube refuses.", "Wait.")


async def test_a_failure_is_a_value_and_what_needs_it_is_skipped_with_the_reason(
    stage: Stage,
) -> None:
    stage.acts["a"] = blocked
    steps = (step("a"), step("b", "a"), step("c", "b"), step("other"), step("d", "other"))
    state = await run(compiled(), fresh(*steps))
    assert statuses(state) == {
        "a": "failed",
        **dict.fromkeys("bc", "skipped"),
        **dict.fromkeys(["other", "d"], "done"),
    }
    assert state["results"]["a"].failure.kind == "blocked"
    assert state["results"]["a"].reason == "YouTube refuses. Wait."
    assert state["results"]["b"].reason == "Cannot run: a failed."
    assert state["results"]["c"].reason == "Cannot run: b was skipped."
    assert state["message"] == "saved"
    assert "start b" not in stage.log


async def test_an_agent_that_makes_do_gets_what_there_is(stage: Stage) -> None:
    stage.acts["a"] = blocked
    steps = (
        *(step("a"), step("b"), step("both", "a", "b", by="gather")),
        *(step("none", "a", by="gather"), step("strict", "b", "a")),
        step("told", "b", "a", accept_partial=True),
    )
    state = await run(compiled(), fresh(*steps))
    assert texts(state) == {"b": "b()", "both": "both(b())", "told": "told(b())"}
    assert state["results"]["none"].skip.kind == "upstream"
    assert state["results"]["strict"].skip.kind == "upstream"


class Strange(Exception):
    pass


async def strange() -> None:
    raise Strange("boom")


async def wrong_type() -> Notes:
    return Notes()


async def no_json() -> Given:
    return Given.model_construct(text=object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (strange, "bad failed: Strange: boom"),
        (wrong_type, "bad failed: TypeError: it gave Notes, not Given."),
        (no_json, "bad failed: PydanticSerializationError"),
    ],
)
async def test_whatever_an_agent_does_wrong_is_a_failure_of_its_step(
    stage: Stage, act: Act, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.acts["bad"] = act
    state = await run(compiled(), fresh(step("bad"), step("good"), step("after", "bad")))
    result = state["results"]["bad"]
    assert (result.status, result.failure.kind) == ("failed", "internal")
    assert result.failure.message.startswith(words)
    assert result.failure.next_step
    assert statuses(state) == {"bad": "failed", "good": "done", "after": "skipped"}
    assert "Traceback" in caplog.text


async def test_an_agent_whose_input_model_breaks_fails_alone(stage: Stage) -> None:
    class Touchy(Frozen):
        text: str

        def model_post_init(self, _: Any) -> None:
            raise Strange("boom")

    @agent(capabilities=(), cost=Cost())
    async def touchy(inputs: Touchy, ctx: AgentContext) -> Given:
        """Never gets this far."""
        raise AssertionError

    steps = (step("a"), Step(id="b", agent="touchy", inputs={"text": "$a.text"}), step("c", "a"))
    state = await run(compiled(), fresh(*steps))
    assert statuses(state) == {"a": "done", "b": "failed", "c": "done"}
    assert state["results"]["b"].failure.kind == "internal"


async def test_what_a_step_noted_before_it_failed_is_kept(stage: Stage) -> None:
    @agent(capabilities=(), cost=Cost())
    async def noting(inputs: Pieces, ctx: AgentContext) -> Given:
        """Note something, then fail."""
        ctx.note("tried another way")
        raise Blocked("no")

    state = await run(compiled(), fresh(Step(id="n", agent="noting")))
    assert [(row.where, row.what) for row in state["incidents"]] == [("n", "tried another way")]


# --- people are asked ---------------------------------------------------------------------------


def asking(stage: Stage, name: str) -> Act:
    async def ask() -> Given:
        answer = interrupt({"ask": name})
        return Given(text=f"{name} says {answer}")

    stage.acts[name] = ask
    return ask


async def test_what_was_finished_beside_a_question_is_not_done_again(stage: Stage) -> None:
    asking(stage, "a")
    steps = (step("a"), step("b"), step("c", "a"), step("d", "b"), step("e", "c", "d"))
    graph = compiled(InMemorySaver(serde=serializer()))
    asked = await run(graph, fresh(*steps))
    assert [row.value for row in asked["__interrupt__"]] == [{"ask": "a"}]
    assert stage.ends() == Counter("bd")
    state = await run(graph, Command(resume="yes"))
    assert texts(state)["e"] == "e(c(a says yes),d(b()))"
    assert stage.ends() == Counter("abcde")


async def test_two_questions_are_asked_at_once_and_answered_together(stage: Stage) -> None:
    asking(stage, "a")
    asking(stage, "b")
    graph = compiled(InMemorySaver(serde=serializer()))
    asked = await run(graph, fresh(step("a"), step("b"), step("c", "a", "b")))
    answers = {row.id: row.value["ask"] * 2 for row in asked["__interrupt__"]}
    assert sorted(answers.values()) == ["aa", "bb"]
    state = await run(graph, Command(resume=answers))
    assert texts(state)["c"] == "c(a says aa,b says bb)"
    assert stage.ends() == Counter("abc")


async def test_one_that_comes_late_to_a_question_does_not_wait_for_ever(stage: Stage) -> None:
    asking(stage, "quick")

    async def until_asked() -> None:
        await stage.event("start quick").wait()
        for _ in range(50):
            await asyncio.sleep(0)

    stage.acts["slow"] = until_asked
    graph = compiled(InMemorySaver(serde=serializer()))
    await run(graph, fresh(step("quick"), step("slow"), step("c", "slow", "quick")))
    assert "start c" not in stage.log
    state = await run(graph, Command(resume="yes"))
    assert texts(state)["c"] == "c(slow(),quick says yes)"
    assert stage.ends() == Counter(["quick", "slow", "c"])


# --- a run is torn and taken up again -----------------------------------------------------------

DIAMOND = ("a", "b", "c", "d", "e", "f")


def diamond() -> tuple[Step, ...]:
    return (
        *(step("a"), step("b"), step("c", "a"), step("d", "a", "b")),
        *(step("e", "c"), step("f", "d", "e")),
    )


DONE = {
    "a": "a()",
    "b": "b()",
    "c": "c(a())",
    "d": "d(a(),b())",
    "e": "e(c(a()))",
    "f": "f(d(a(),b()),e(c(a())))",
}


@pytest.mark.parametrize("same_process", [False, True])
@pytest.mark.parametrize("how", ["cancelled", "broken"])
@pytest.mark.parametrize("at", DIAMOND)
async def test_after_a_tear_in_the_middle_no_finished_step_runs_again(
    stage: Stage, installation: Path, at: str, how: str, same_process: bool
) -> None:
    others = [name for name in DIAMOND if at not in needed(name)]
    async with open_saver(installation / "runs.sqlite") as saver:
        await tear(stage, saver, at, others, how)
        await settled()
    assert stage.ends() == Counter(others + [at] * (how == "broken"))
    stage.acts.clear()
    stage.log.clear()
    if not same_process:
        close_run_scope("run")
    async with open_saver(installation / "runs.sqlite") as saver:
        state = await run(compiled(saver), None)
    assert texts(state) == DONE
    assert stage.ends() == Counter(name for name in DIAMOND if name not in others)


async def tear(stage: Stage, saver: Any, at: str, others: list[str], how: str) -> None:
    """Run the diamond, and end it in the middle of a step when all others have ended."""

    async def act() -> None:
        for name in others:
            await stage.event(f"end {name}").wait()
        for _ in range(50):  # lets their nodes end, too
            await asyncio.sleep(0)
        stage.happened("torn")
        if how == "cancelled":
            await asyncio.Event().wait()

    stage.acts[at] = act
    call = compiled(saver).ainvoke(fresh(*diamond()), CONFIG, context=options())
    with pytest.MonkeyPatch.context() as patch:
        if how == "broken":
            patch.setattr(run_step, "_result", breaking(run_step._result, at))
        running = asyncio.create_task(call)
        await asyncio.wait_for(stage.event("torn").wait(), SOON)
        if how == "cancelled":
            running.cancel()
        with pytest.raises((asyncio.CancelledError, Strange)):
            await asyncio.wait_for(running, SOON)


def breaking(result_of: Callable[..., StepResult], at: str) -> Callable[..., StepResult]:
    """A fault of the program itself, in one step."""

    def broken(task: StepTask, *more: Any) -> StepResult:
        if task.instance.id == at:
            raise Strange("a fault of the program")
        return result_of(task, *more)

    return broken


async def settled() -> None:
    """Wait for what a run that raised still has under way: its last writes of checkpoints.

    A saver that is closed amid one of them leaves its file locked to this process.
    """
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    if rest:
        await asyncio.wait(rest, timeout=SOON)


def needed(name: str) -> set[str]:
    """Everything that a step of the diamond rests on, itself included."""
    needs = {row.id: row.needs for row in expand(Plan(steps=diamond()), agents())}
    return {name}.union(*(needed(need) for need in needs[name]))


# --- what is seen from outside ------------------------------------------------------------------


async def test_agents_are_seen_by_their_names(stage: Stage) -> None:
    graph = compiled()
    drawing = graph.get_graph().draw_mermaid()
    assert all(f"{name}({name})" in drawing for name in ("make", "gather", "dispatch", "save"))
    seen: list[str] = []
    stream = graph.astream(
        fresh(step("a"), step("b", "a", by="gather")),
        CONFIG,
        context=options(),
        stream_mode="updates",
    )
    async for update in stream:
        seen += update
    assert seen == ["dispatch", "make", "gather", "dispatch", "save"]


def test_the_planners_drawing_shows_each_agent(stage: Stage) -> None:
    drawing = planner().compile().get_graph().draw_mermaid()
    for name in ("make", "gather"):
        assert f"dispatch -.-> {name};" in drawing.replace("&nbsp;", "")
        assert f"{name} --> dispatch;" in drawing


async def test_a_step_tells_that_it_waits_starts_and_ends(stage: Stage) -> None:
    stage.acts["b"] = blocked
    stream = compiled().astream(
        fresh(step("a"), step("b", "a"), step("c", "b")),
        CONFIG,
        context=options(),
        stream_mode="custom",
    )
    told = [EVENT.validate_python(event) async for event in stream]
    rows = [
        (row.kind, row.result.id if isinstance(row, StepEnded) else row.id)
        for row in told
        if isinstance(row, StepEnded | StepStarted | StepWaiting)
    ]
    assert len(rows) == len(told)
    assert [kind for kind, name in rows if name == "a"] == ["step_started", "step_ended"]
    assert [kind for kind, name in rows if name == "b"] == [
        *("step_waiting", "step_started", "step_ended"),
    ]
    assert [kind for kind, name in rows if name == "c"] == ["step_waiting", "step_ended"]
    began = {row.id: row.at for row in told if isinstance(row, StepStarted)}
    ended = {row.result.id: row.result.started for row in told if isinstance(row, StepEnded)}
    assert began.items() <= ended.items()


# --- the dispatcher itself ----------------------------------------------------------------------


async def test_all_steps_of_a_dispatch_are_named_before_the_first_starts(stage: Stage) -> None:
    named: list[bool | set[str]] = []

    async def look() -> None:
        results = run_scope("run").rounds.get(1)
        named.extend([results.complete, set(results.steps)])

    stage.acts["a"] = look
    steps = (step("a"), step("b", "a"), step("c", "b"))
    await run(compiled(), fresh(*steps), config={**CONFIG, "max_concurrency": 1})
    assert named == [True, {"a", "b", "c"}]


async def test_what_is_done_is_not_sent_again(stage: Stage) -> None:
    known = StepResult(id="a", agent="make", status="done", output={"text": "old", "rows": []})
    state = await run(compiled(), {**fresh(step("a"), step("b", "a")), "results": {"a": known}})
    assert texts(state) == {"a": "old", "b": "b(old)"}
    assert stage.ends() == Counter("b")


async def test_a_failed_step_is_not_tried_again_by_itself(stage: Stage) -> None:
    stage.acts["a"] = blocked
    graph = compiled(InMemorySaver(serde=serializer()))
    await run(graph, fresh(step("a")))
    stage.acts.clear()
    state = await run(graph, Command(goto="dispatch"))
    assert statuses(state) == {"a": "failed"}
    assert "end a" not in stage.log


async def test_steps_that_would_be_sent_for_ever_end_in_the_tail(stage: Stage) -> None:
    state = await run(compiled(), {**fresh(step("a")), "round": 4})
    assert state["stop"].reason == "failure"
    assert state["message"] == "saved"
    assert "results" not in state or not state["results"]


async def test_calls_that_the_checkpoint_knows_are_on_the_account(stage: Stage) -> None:
    paid = ModelCall(id="1", role="planner", kind="coordination", tier="cheap", model="m")
    try:
        await run(compiled(), {**fresh(step("a")), "ledger": (paid,)})
        assert run_scope("run").budget.calls == {"1": paid}
    finally:
        close_run_scope("run")


def test_a_node_is_called_as_its_agent() -> None:
    def made(name: str) -> Agent:
        return Agent(
            name=name,
            summary="",
            capabilities=frozenset(),
            input=Pieces,
            output=Given,
            tier="cheap",
            cost=lambda _: Cost(),
            run=lambda inputs, ctx: asyncio.sleep(0, Given()),
        )

    assert [node_of(made(name)).__name__ for name in ("one", "two")] == ["one", "two"]
