"""The join: one of each branch in turn, nothing lost, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.agents.join import JoinInput, interleaved, join
from cliptrail.agents.registry import agents, offered
from cliptrail.plans.validation import validate
from cliptrail.state.media import Video
from cliptrail.state.plan import Plan, Step
from tests.graphs.playing import Play, stored

LISTS = st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=4)


@given(LISTS)
def test_nothing_is_lost_and_nothing_is_there_twice(lists: list[list[int]]) -> None:
    joined = interleaved(lists, lambda row: row)
    assert sorted(joined) == sorted({row for rows in lists for row in rows})


@given(st.lists(st.integers(0, 6), max_size=4))
def test_each_has_its_turn_in_the_order_of_the_branches(sizes: list[int]) -> None:
    lists = [[(turn, branch) for turn in range(size)] for branch, size in enumerate(sizes)]
    assert interleaved(lists, lambda row: row) == sorted(row for rows in lists for row in rows)


@given(LISTS, st.integers(0, 10))
def test_a_cut_is_fair(lists: list[list[int]], cut: int) -> None:
    named = [[(branch, place) for place in range(len(rows))] for branch, rows in enumerate(lists)]
    kept = interleaved(named, lambda row: row)[:cut]
    counts = [len([row for row in kept if row[0] == branch]) for branch in range(len(lists))]
    for branch, rows in enumerate(lists):
        if counts[branch] < len(rows):
            assert counts[branch] >= max(counts) - 1


async def test_what_no_branch_found_stays_unanswered() -> None:
    given = JoinInput(
        videos=((Video(video_id="a1", title="A"),), (Video(video_id="b1", title="B"),)),
        unanswered=(("times", "temperatures"), ("times",)),
    )
    joined = await join(given, None)  # type: ignore[arg-type]
    assert [row.video_id for row in joined.videos] == ["a1", "b1"]
    assert joined.unanswered == ("times",)
    assert await join(JoinInput(), None) != given  # type: ignore[arg-type]


def test_no_model_may_choose_it_but_a_plan_file_may_name_it() -> None:
    assert "join" in agents()
    assert "join" not in offered()
    step = Step(id="both", agent="join", inputs={"videos": [["$find.videos"], ["$find.videos"]]})
    assert validate(Plan(steps=(*stored().plan.steps, step)), agents()) == ()
    wrong = step.model_copy(update={"inputs": {"videos": [["$nowhere.videos"]]}})
    assert validate(Plan(steps=(wrong,)), agents())


async def test_it_is_a_step_that_others_refer_to() -> None:
    one, *rest = stored().plan.steps
    steps = (
        one,
        one.model_copy(update={"id": "more", "inputs": {"query": "pork loin"}}),
        Step(id="both", agent="join", inputs={"videos": [["$find.videos"], ["$more.videos"]]}),
        rest[0].model_copy(update={"for_each": "$both.videos[:2]"}),
        *rest[1:],
    )
    play = Play()
    output = await play.ask("Brisket?", stored={"plan": Plan(steps=steps).model_dump(mode="json")})
    assert output["status"] == "complete"
    results = (await play.state())["results"]
    first = [results[name].output["videos"][0]["video_id"] for name in ("find", "more")]
    assert [results[f"fetch[{place}]"].output["video_id"] for place in (0, 1)] == first
