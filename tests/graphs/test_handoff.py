"""The handoff pattern: whoever has done a piece of work judges the user's goal, and hands on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from cliptrail.agents import registry
from cliptrail.agents.context import AgentContext
from cliptrail.evals.repeat import FOUNDING
from cliptrail.nodes.common.retry import retry
from cliptrail.state.errors import Blocked, SourceUnavailable
from cliptrail.state.handoffs import Complete, FanOut, Handoff, PartialResult, Task
from cliptrail.state.path import path_text
from cliptrail.state.research import ResearchState
from tests.graphs.directed import Directed, begin, goal, intent, search
from tests.graphs.offline_server import wired
from tests.graphs.playing import BRISKET, UNANSWERABLE, Play
from tests.limits import SOON, brief
from tests.tools.models.model_server import STALL, Say, answer, error, refusal

CHAIN = "search(handoff) → transcript(handoff) → extract(handoff) → compose(complete)"
NOWHERE = ("zzqxq", "vvkwv", "jjhgj", "qqpfq")
"""Words that no video has."""
pytestmark = pytest.mark.usefixtures("own_agents")


@pytest.fixture(autouse=True)
def remembering(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a server answer as the offline engine does, which thinks about each question once."""
    with wired(monkeypatch, Directed()):
        yield


@pytest.fixture
def directed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Let a model answer as a script says, by the type of the answer."""

    @contextmanager
    def serve(timeout_s: float = SOON, **script: list[Any]) -> Iterator[Directed]:
        wire = Directed(script=script)
        with wired(monkeypatch, wire, timeout_s=timeout_s):
            yield wire

    return serve


async def played(request: str = BRISKET, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """How a run ended, and its state."""
    play = Play("handoff", **options)
    return await play.ask(request), await play.state()


def roles(state: dict[str, Any]) -> dict[str, int]:
    return {name: share.calls for name, share in state["usage"].by_role.items()}


def agents_used(state: dict[str, Any]) -> list[str]:
    return [step.agent for step in state["plan"].steps]


def of_group(state: dict[str, Any], name: str) -> list[Task]:
    return [task for task in state["tasks"] if task.group == name]


# --- how far it goes -----------------------------------------------------------------------------


async def test_one_question_goes_all_the_way_and_the_path_tells_it() -> None:
    output, state = await played()
    assert output["status"] == "complete"
    assert path_text(state["path"]) == f"synthesizer(handoff) → {CHAIN}"
    assert all(
        row.reason for row in state["path"] if row.turn == "handoff" and row.by != "synthesizer"
    )
    assert roles(state) == {"synthesizer": 1, "goal_check": 3, "extract": 1, "compose": 1}


@pytest.mark.parametrize(
    ("request_", "used"),
    [
        ("Find videos about brisket on a kamado", ["search"]),
        (
            "Find videos about brisket and tell me the temperatures from these videos",
            ["search", "transcript", "extract", "compose"],
        ),
        (
            "Summarize how brisket is cooked overnight",
            ["search", "transcript", "extract", "compose"],
        ),
    ],
)
async def test_it_goes_as_far_as_the_user_wants(request_: str, used: list[str]) -> None:
    output, state = await played(request_)
    assert output["status"] == "complete"
    assert agents_used(state) == used
    assert bool(output["guide"].videos) == (used == ["search"])


async def test_what_nobody_says_ends_without_a_guide() -> None:
    output, state = await played(UNANSWERABLE)
    assert (output["status"], output["stop_reason"]) == ("failed", "no_evidence")
    assert output["guide"] is None
    assert state["path"][-1].turn == "close"


async def test_a_goal_that_is_met_too_early_is_still_made_a_guide(
    directed: Callable[..., Any],
) -> None:
    with directed(GoalDraft=[goal("go_on", intent("Read.", "read_transcript")), goal("met")]):
        output, state = await played()
    assert output["status"] == "complete"
    assert agents_used(state) == ["search", "transcript", "extract", "compose"]
    assert state["path"][-1].turn == "complete"


async def test_giving_up_with_something_in_hand_is_partial(directed: Callable[..., Any]) -> None:
    says = [
        goal("go_on", intent("Read.", "read_transcript")),
        goal("go_on", intent("Extract.", "extract_claims")),
        goal("give_up", reason="Nobody says it all."),
    ]
    with directed(GoalDraft=says):
        output, state = await played()
    assert (output["status"], output["stop_reason"]) == ("partial", "inadequate")
    assert output["guide"].claims
    assert "Nobody says it all." in output["message"]
    assert agents_used(state)[-1] == "compose"


# --- side by side --------------------------------------------------------------------------------


async def test_two_channels_are_looked_at_side_by_side_and_joined_in_turn() -> None:
    output, state = await played(FOUNDING)
    assert (output["status"], output["usage"].calls) == ("complete", 6)
    assert output["guide"].conflicts
    assert path_text(state["path"]) == (
        "synthesizer(fan_out) → search(complete) → search(complete) → goal_check(join) → "
        "join(handoff) → transcript(handoff) → extract(handoff) → compose(complete)"
    )
    (group,) = state["groups"]
    assert isinstance(group.outcome, Complete)
    channels = [row["channel"] for row in state["results"]["join_1"].output["videos"]]
    assert channels[:4] == ["Cinder Porch", "Smoke Ledger"] * 2


async def test_a_group_is_there_before_its_branches_start() -> None:
    play = Play("handoff")
    events = await play.watch({"request": FOUNDING}, ["values", "custom"])
    started = next(
        place
        for place, (mode, row) in enumerate(events)
        if mode == "custom" and row["kind"] == "step_started"
    )
    before = [row for mode, row in events[:started] if mode == "values"]
    assert len(before[-1]["groups"]) == 1
    assert [row.status for row in before[-1]["tasks"]] == ["working"] * 2


async def test_a_comparison_is_looked_for_side_by_side() -> None:
    output, state = await played("Compare lump charcoal and briquettes")
    assert output["status"] == "complete"
    assert agents_used(state) == ["search", "search", "join", "transcript", "extract", "compose"]


def failing(own: dict[str, registry.Agent], wrong: Callable[[Any], Exception | None]) -> None:
    """Let the search fail for some inputs."""
    work = own["search"].run

    async def run(inputs: Any, ctx: AgentContext) -> Any:
        if failure := wrong(inputs):
            raise failure
        return await work(inputs, ctx)

    own["search"] = replace(own["search"], run=run)


async def test_when_a_branch_fails_the_others_go_on(own_agents: dict[str, registry.Agent]) -> None:
    failing(own_agents, lambda row: SourceUnavailable("No.") if "Smoke" in row.channel else None)
    output, state = await played(FOUNDING)
    assert (output["status"], output["stop_reason"]) == ("partial", "failure")
    assert {row.channel: row.cited for row in output["guide"].coverage} == {
        "Cinder Porch": True,
        "Smoke Ledger": False,
    }
    (group,) = state["groups"]
    assert isinstance(group.outcome, PartialResult)
    assert group.outcome.error.kind == "unavailable"


async def test_when_all_branches_fail_the_reason_of_each_is_told(
    own_agents: dict[str, registry.Agent],
) -> None:
    failing(own_agents, lambda row: Blocked(f"{row.channel} is closed."))
    output, state = await played(FOUNDING)
    assert (output["status"], output["stop_reason"]) == ("failed", "blocked")
    assert (
        "All 2 branches failed. Cinder Porch is closed. Smoke Ledger is closed."
        in output["message"]
    )
    (group,) = state["groups"]
    assert group.failure.kind == "blocked"
    assert roles(state) == {"synthesizer": 1}


async def test_a_branch_may_fan_out_itself_and_is_joined_first(
    directed: Callable[..., Any],
) -> None:
    inner = goal("go_on", search("pork loin"), search("brisket overnight"))
    chain = [
        goal("go_on", intent("Read.", "read_transcript")),
        goal("go_on", intent("Extract.", "extract_claims")),
        goal("go_on", {**intent("Compose.", "compose_guide"), "last": True}),
    ]
    outer = begin(search(NOWHERE[0]), search("kamado vents"))
    with directed(SynthesisDraft=[outer], GoalDraft=[inner, *chain]):
        output, state = await played()
    assert output["status"] == "complete"
    results = state["results"]

    def first(name: str) -> str:
        return str(results[name].output["videos"][0]["video_id"])

    steps = {step.id: step for step in state["plan"].steps}
    assert steps["join_1"].inputs == {"videos": [["$search_3.videos"], ["$search_4.videos"]]}
    assert steps["join_2"].inputs == {"videos": [["$join_1.videos"], ["$search_2.videos"]]}
    joined = [row["video_id"] for row in results["join_2"].output["videos"]]
    assert joined[:2] == [first("search_3"), first("search_2")]
    outer_group, inner_group = state["groups"]
    assert inner_group.parent == outer_group.branches[0]
    assert isinstance(of_group(state, outer_group.id)[0].result, FanOut)
    assert all(isinstance(row.outcome, Complete) for row in state["groups"])


async def test_a_branch_that_found_something_asks_nobody(directed: Callable[..., Any]) -> None:
    with directed(GoalDraft=[goal("give_up")]) as wire:
        await played(FOUNDING)
    assert len(wire.prompts["GoalDraft"]) == 1
    assert wire.told("GoalDraft", "task")["steps"] == ["join_1"]


# --- other words, loops, limits ------------------------------------------------------------------


async def test_it_tries_other_words_twice_and_no_more(directed: Callable[..., Any]) -> None:
    tries = [goal("try_other_words", search(words)) for words in NOWHERE[1:]]
    with directed(SynthesisDraft=[begin(search(NOWHERE[0]))], GoalDraft=tries) as wire:
        output, state = await played()
    assert [row.turn for row in state["path"]].count("retry") == 2
    assert agents_used(state) == ["search"] * 3
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "cannot be tried in other words any more" in output["message"]
    assert [wire.told("GoalDraft", "tries_left", call) for call in range(3)] == [2, 1, 0]


async def test_a_branch_without_other_words_ends_empty(directed: Callable[..., Any]) -> None:
    tries = [goal("try_other_words", search(words)) for words in NOWHERE[1:3]]
    last = goal("give_up")
    outer = begin(search(NOWHERE[0]), search("brisket"))
    with directed(SynthesisDraft=[outer], GoalDraft=[*tries, last]):
        _, state = await played()
    branch = of_group(state, "group_1")
    assert [(row.slot, row.retries, row.status) for row in branch] == [
        (0, 0, "done"),
        (1, 0, "done"),
        (0, 1, "done"),
        (0, 2, "done"),
    ]
    assert isinstance(branch[0].result, Handoff)
    assert state["results"]["join_1"].output["videos"]


async def test_the_same_again_with_nothing_new_is_a_loop(directed: Callable[..., Any]) -> None:
    says = [
        goal("go_on", intent("Read.", "read_transcript")),
        goal("go_on", search("brisket overnight kamado")),
    ]
    start = begin(search("brisket overnight kamado"))
    with directed(SynthesisDraft=[start], GoalDraft=says):
        output, state = await played()
    assert (output["status"], output["stop_reason"]) == ("partial", "loop")
    assert output["guide"].claims
    assert "search(handoff) → transcript(handoff) → search(handoff)" in output["message"]
    assert agents_used(state)[:3] == ["search", "transcript", "search"]


@pytest.mark.parametrize("most", [1])
async def test_the_rounds_are_limited(most: int) -> None:
    output, state = await played(max_rounds=most)
    assert (output["status"], output["stop_reason"]) == ("partial", "budget")
    assert output["guide"].claims
    assert roles(state)["goal_check"] == most


async def test_what_is_older_is_told_in_short_before_a_goal_check_is_too_long() -> None:
    output, state = await played(FOUNDING, max_context=4_000)
    assert (output["status"], output["usage"].calls) == ("complete", 6)
    assert any("the goal check was told" in row.what for row in state["incidents"])


async def test_a_goal_check_that_cannot_be_short_enough_is_not_asked() -> None:
    output, state = await played(FOUNDING, max_context=2_000)
    assert output["stop_reason"] == "budget"
    assert "goal check's prompt needs" in output["message"]
    assert "goal_check" not in roles(state)


# --- what the model does wrong -------------------------------------------------------------------


@pytest.mark.parametrize("fault", [STALL, error(429)], ids=["time-out", "429"])
async def test_a_goal_check_without_an_answer_hands_on_by_rule(
    fault: Say, directed: Callable[..., Any]
) -> None:
    await played()  # so that only what stalls is slow
    says = [goal("go_on", intent("Read.", "read_transcript")), fault]
    with directed(timeout_s=brief(4), GoalDraft=[*says, goal("met")]):
        output, state = await played()
    assert output["status"] == "complete"
    assert agents_used(state) == ["search", "transcript", "extract", "compose"]
    (told,) = [row.what for row in state["incidents"] if "Judged by rule" in row.what]
    assert told.endswith("handed on to extract_claims.")


async def test_the_rule_goes_all_the_way_to_a_guide(directed: Callable[..., Any]) -> None:
    with directed(GoalDraft=[error(429)]):
        output, state = await played()
    assert output["status"] == "complete"
    told = [row.what.rpartition(" ")[2] for row in state["incidents"] if "by rule" in row.what]
    assert told == ["read_transcript.", "extract_claims.", "compose_guide."]


async def test_a_goal_check_that_is_refused_ends_with_what_was_found(
    directed: Callable[..., Any],
) -> None:
    says = [goal("go_on", intent("Read.", "read_transcript")), refusal("I will not.")]
    with directed(GoalDraft=says):
        output, _ = await played()
    assert (output["status"], output["stop_reason"]) == ("partial", "failure")
    assert output["guide"].claims
    assert "declined to answer" in output["message"]


async def test_an_answer_goes_back_with_all_its_faults(directed: Callable[..., Any]) -> None:
    wrong = goal(
        "go_on",
        intent("Dance.", "dance"),
        {**intent("Read.", "read_transcript", video="$item"), "for_each": "$nowhere.videos[:2]"},
    )
    with directed(GoalDraft=[wrong, goal("give_up")]) as wire:
        _, state = await played()
    faults = " ".join(wire.told("GoalDraft", "faults", 1))
    assert "dance" in faults
    assert "nowhere" in faults
    assert any("went back" in row.what for row in state["incidents"])


@pytest.mark.parametrize(("most", "asked"), [(0, 1), (2, 3)])
async def test_answers_that_stay_wrong_end_the_run(
    most: int, asked: int, directed: Callable[..., Any]
) -> None:
    with directed(GoalDraft=[goal("go_on")]) as wire:
        output, _ = await played(max_revisions=most)
    assert len(wire.prompts["GoalDraft"]) == asked
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "needs to say what comes next" in output["message"]


async def test_a_request_without_a_part_is_asked_about_again(directed: Callable[..., Any]) -> None:
    with directed(SynthesisDraft=[begin(), begin(search("brisket"))]) as wire:
        output, _ = await played()
    assert output["status"] == "complete"
    assert "There is no part" in wire.told("SynthesisDraft", "faults")[0]


# --- who takes it --------------------------------------------------------------------------------


def yes_or_no(**by_agent: str) -> Say:
    """Accept or not, by the agent that is asked."""

    def say(asked: Any) -> Any:
        prompt = str(asked.body["messages"][-1]["content"])
        name = next((name for name in by_agent if f'"name":"{name}"' in prompt), "")
        return answer({"accept": by_agent.get(name, "yes"), "reason": f"{name} says."})(asked)

    return say


async def test_with_validation_by_a_model_each_piece_of_work_is_asked_about() -> None:
    output, state = await played(FOUNDING, validation="model")
    assert (output["status"], output["usage"].calls) == ("complete", 11)
    assert roles(state)["validator"] == len(agents_used(state)) - 1  # the join asks nobody


async def test_who_turns_it_down_is_not_asked_again(directed: Callable[..., Any]) -> None:
    route = {"agent": "research", "inputs": [{"name": "question", "value": "Brisket?"}]}
    script = {"AcceptDraft": [yes_or_no(search="no")], "RouteDraft": [route]}
    with directed(**script) as wire:
        _, state = await played(validation="model")
    assert wire.told("RouteDraft", "excluded", 0) == [{"agent": "search", "reason": "search says."}]
    assert "search" not in [row["name"] for row in wire.told("RouteDraft", "agents", 0)]
    assert agents_used(state)[0] == "research"
    turns = [(row.by, row.turn) for row in state["path"]]
    assert turns[1:3] == [("search", "reject"), ("router", "assign")]


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (answer({"accept": "unclear", "reason": "Hm."}), "search: Hm."),
        (STALL, "did not answer in time"),
        (answer({"accept": "no"}), "without a reason"),
    ],
    ids=["unclear", "time-out", "no"],
)
async def test_nothing_is_taken_without_a_yes(
    says: Say, told: str, directed: Callable[..., Any]
) -> None:
    script = {"SynthesisDraft": [begin(search("brisket"))], "AcceptDraft": [says]}
    with directed(timeout_s=brief(0.7), **script) as wire:
        output, state = await played(validation="model")
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "Nobody took the task" in output["message"]
    assert told in output["message"]
    assert state["results"] == {}
    assert 1 <= len(wire.prompts["AcceptDraft"]) <= 3
    assert all(row.turn == "reject" for row in state["path"][1:] if row.by != "router")


async def test_in_doubt_an_agent_is_asked_even_by_capability(
    directed: Callable[..., Any],
) -> None:
    vague = begin(intent("Find videos on brisket."))
    route = {"agent": "search", "inputs": [{"name": "query", "value": "brisket overnight"}]}
    with directed(SynthesisDraft=[vague], RouteDraft=[route]) as wire:
        output, state = await played()
    assert output["status"] == "complete"
    assert (len(wire.prompts["RouteDraft"]), len(wire.prompts["AcceptDraft"])) == (1, 1)
    assert ("router", "assign") in [(row.by, row.turn) for row in state["path"]]


async def test_a_router_without_an_answer_goes_by_capability(
    directed: Callable[..., Any], own_agents: dict[str, registry.Agent]
) -> None:
    own_agents["seek"] = replace(own_agents["search"], name="seek")
    with directed(RouteDraft=[error(429)]):
        play = Play("handoff")
        output = await play.ask(BRISKET)
        state = await play.state()
    assert output["status"] == "complete"
    assert any("search was chosen by its capability" in row.what for row in state["incidents"])


async def test_a_router_that_knows_nobody_fails_the_task(directed: Callable[..., Any]) -> None:
    with directed(SynthesisDraft=[begin(intent("Dance."))], RouteDraft=[{"agent": "dancer"}]):
        output, _ = await played(max_revisions=1)
    assert (output["status"], output["stop_reason"]) == ("failed", "failure")
    assert "Nobody took the task “Dance.”" in output["message"]
    assert "'dancer' is none of the agents" in output["message"]


# --- a second try --------------------------------------------------------------------------------


async def tried_again(play: Play) -> tuple[dict[str, Any], dict[str, Any]]:
    state = ResearchState(**await play.state())  # type: ignore[typeddict-item]
    output = await play.run(retry(state, then="synthesizer"))
    return output, await play.state()


@pytest.mark.parametrize("most", range(1, 9))
async def test_a_run_that_had_too_little_goes_on_where_it_stopped(most: int) -> None:
    play = Play("handoff", max_calls=most, validation="model")
    assert (await play.ask(BRISKET))["stop_reason"] == "budget"
    play.context = play.context.model_copy(update={"max_calls": 40})
    play.context = type(play.context)(**play.context.model_dump())
    output, state = await tried_again(play)
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert roles(state)["synthesizer"] == 1
    assert {row.status for row in state["results"].values()} == {"done"}


async def test_branches_that_failed_run_again(own_agents: dict[str, registry.Agent]) -> None:
    why = [Blocked("Closed.")]
    failing(own_agents, lambda _: why[0] if why else None)
    play = Play("handoff")
    assert (await play.ask(FOUNDING))["stop_reason"] == "blocked"
    why.clear()
    output, state = await tried_again(play)
    assert (output["status"], output["usage"].calls) == ("complete", 6)
    assert isinstance(state["groups"][0].outcome, Complete)
    assert [row.turn for row in state["path"]].count("fan_out") == 1
