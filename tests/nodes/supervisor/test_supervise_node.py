"""The supervisor's node: what it is told, what it may decide, and how its rounds come to an end."""

from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from cliptrail.nodes.common.growing_plan import numbered
from cliptrail.state.drafts import RoundDraft
from cliptrail.state.path import path_text
from cliptrail.tools.models.gateway import count_tokens
from tests.graphs.playing import BRISKET, Play
from tests.nodes.guides import listing
from tests.nodes.scripted_model import Script, scripted

SEARCH = {"agent": "search", "inputs": [{"name": "query", "value": "brisket kamado overnight"}]}
READ = {
    "agent": "transcript",
    "inputs": [{"name": "video", "value": "$item"}],
    "for_each": "$search_1.videos[:1]",
}
EXTRACT = {"agent": "extract", "inputs": [{"name": "transcripts", "value": ["$transcript_1"]}]}
COMPOSE = {"agent": "compose", "inputs": [{"name": "claims", "value": "$extract_1.claims"}]}
FINISH = {"do": "finish", "reason": "That will do."}
CLAIM = {"text": "It is hot.", "sentences": [2]}
FOUND = {"claims": [CLAIM]}
GUIDE = listing("extract_1.1", title="Brisket")
NOTES = {"topic": "brisket", "output_file": "brisket.md"}


def work(*assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"do": "work", "assignments": list(assignments), "reason": "Go on.", **more}


async def supervised(
    patch: pytest.MonkeyPatch, *answers: Any, **options: Any
) -> tuple[Play, Script, dict[str, Any]]:
    """Ask with a scripted supervisor."""
    play = Play("supervisor", **options)
    with scripted(patch, *answers) as script:
        output = await play.ask(BRISKET)
    return play, script, output


async def path(play: Play) -> str:
    return path_text((await play.state())["path"])


async def test_a_round_becomes_steps_and_its_results_come_back_in_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play, script, output = await supervised(
        monkeypatch, work(SEARCH, SEARCH, notes=NOTES), work(READ), FINISH, {"claims": []}
    )
    state = await play.state()
    assert [(row.number, row.by) for row in state["revisions"]] == [
        (1, "supervisor"),
        (2, "supervisor"),
        (3, "limit"),
    ]
    assert [step.id for step in state["plan"].steps][:3] == ["search_1", "search_2", "transcript_1"]
    assert await path(play) == "supervisor(assign) → supervisor(assign) → supervisor(finish)"
    assert [script.data("left", call) for call in range(3)] == [12, 11, 10]
    assert script.data("found", 0) is None
    first = script.data("found", 1)[0]
    assert (first["step"], first["status"]) == ("search_1", "done")
    assert {"id", "title", "channel", "minutes"} == set(first["gave"]["videos"][0])
    last = script.data("found", 2)[-1]
    assert set(last["gave"]["transcripts"][0]) == {"id", "title", "channel", "words"}
    assert (output["status"], output["stop_reason"]) == ("failed", "no_evidence")
    assert state["notes"].topic == "brisket"


async def test_notes_are_made_once_before_anything_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = {**FINISH, "notes": {"topic": "hacked", "output_file": "etc.md"}, "question": "Why?"}
    play, script, _ = await supervised(monkeypatch, work(SEARCH), later)
    notes = (await play.state())["notes"]
    assert (notes.topic, notes.output_file, notes.question) == ("", "", "")
    assert script.data("channels", 0)
    assert script.data("channels", 1) is None


async def test_faults_go_back_all_at_once_and_are_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    sibling = {**READ, "for_each": "$search_1.videos[:1]"}
    nobody = {"agent": "nobody", "inputs": []}
    play, script, _ = await supervised(
        monkeypatch, work(SEARCH, sibling, nobody), work(SEARCH), FINISH
    )
    faults = "\n".join(script.data("faults", 1))
    assert "there is no agent 'nobody'" in faults
    assert "search_1 belongs to this very round" in faults
    assert [row["agent"] for row in script.data("previous", 1)] == [
        "search",
        "transcript",
        "nobody",
    ]
    state = await play.state()
    assert [step.id for step in state["plan"].steps] == ["search_1"]
    assert "went back" in state["incidents"][-1].what
    assert state["decisions"] == 2


@pytest.mark.parametrize("most", [0, 1, 2])
async def test_after_the_last_revision_it_ends_with_what_is_wrong(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, script, output = await supervised(monkeypatch, *[work()] * (most + 1), max_revisions=most)
    assert len(script.prompts) == most + 1
    assert (output["status"], output["stop_reason"]) == ("failed", "invalid_plan")
    assert "there are none" in output["message"]


async def test_what_is_last_costs_no_further_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    play, script, output = await supervised(monkeypatch, work(SEARCH, last=True))
    assert len(script.prompts) == 1
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert output["guide"].videos
    assert await path(play) == "supervisor(finish)"


async def test_what_is_last_and_fails_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = {"agent": "transcript", "inputs": [{"name": "video_id", "value": "not-there"}]}
    play, script, output = await supervised(monkeypatch, work(lost, last=True), FINISH)
    assert script.data("found", 1)[0]["status"] == "failed"
    assert output["stop_reason"] == "failure"
    assert await path(play) == "supervisor(finish) → supervisor(finish)"


async def test_two_rounds_that_bring_nothing_new_are_a_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, script, output = await supervised(monkeypatch, *[work(SEARCH)] * 5)
    assert len(script.prompts) == 3
    assert (output["status"], output["stop_reason"]) == ("failed", "loop")
    assert "brought nothing new" in output["message"]


async def test_at_the_round_limit_what_was_found_is_composed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play, script, output = await supervised(
        monkeypatch, work(SEARCH), work(READ), {"claims": [CLAIM]}, max_rounds=2
    )
    assert (output["stop_reason"], script.answers) == ("budget", [])
    assert "limit of 2 rounds" in output["message"]
    assert await path(play) == "supervisor(assign) → supervisor(assign) → supervisor(close)"
    results = (await play.state())["results"]
    assert {"extract_1", "compose_1"} <= set(results)


async def test_a_model_that_fails_between_rounds_costs_nothing_that_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play, _, output = await supervised(
        monkeypatch, work(SEARCH), work(READ), 500, 500, 500, {"claims": []}
    )
    assert output["stop_reason"] == "failure"
    assert "answered 500" in output["message"]
    assert (await path(play)).endswith("supervisor(close)")
    assert "extract_1" in (await play.state())["results"]


async def test_a_supervisor_whose_key_is_refused_costs_nothing_that_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, script, output = await supervised(monkeypatch, work(SEARCH), work(READ), 401, FOUND, GUIDE)
    assert (output["status"], output["stop_reason"]) == ("partial", "failure")
    assert (len(script.prompts), len(output["guide"].claims)) == (5, 1)
    assert "refuses the key" in output["message"]


async def test_what_it_left_is_composed_when_it_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = (work(SEARCH), work(READ), work(EXTRACT), FOUND, FINISH, GUIDE)
    play, script, output = await supervised(monkeypatch, *answers)
    assert (output["status"], output["stop_reason"]) == ("complete", "done")
    assert script.answers == []
    assert [row.text for row in output["guide"].claims] == [CLAIM["text"]]
    last = (await play.state())["path"][-1]
    assert (last.turn, last.to, last.reason) == ("finish", ("compose_1",), "That will do.")


async def test_it_may_not_name_an_agent_that_only_the_graph_uses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    join = {"agent": "join", "inputs": []}
    _, script, _ = await supervised(monkeypatch, work(SEARCH), work(join), FINISH)
    (fault,) = script.data("faults", 2)
    assert "join_1.agent: is none of yours: " in fault
    assert "join" not in fault.partition("yours")[2]


async def test_a_prompt_that_cannot_be_short_enough_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, script, output = await supervised(monkeypatch, work(SEARCH), max_context=2_000)
    assert (script.prompts, output["stop_reason"]) == ([], "budget")
    assert "2000 are allowed" in output["message"]


def tokens(asked: str) -> int:
    """How long a prompt is, as the limit counts it."""
    return count_tokens([HumanMessage(part) for part in asked.split("\n<agents>", 1)], RoundDraft)


async def test_older_rounds_are_told_in_short_before_the_prompt_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queries = [{"name": "query", "value": text} for text in ("kamado", "espresso", "brisket")]
    first, second, third = ({**SEARCH, "brief": "Look.", "inputs": [row]} for row in queries)
    answers = work(first, second), work(third), FINISH
    _, script, _ = await supervised(monkeypatch, *answers)
    limit = tokens(script.prompts[2]) - 30
    play, script, _ = await supervised(monkeypatch, *answers, max_context=limit)
    old, _, newest = script.data("found", 2)
    assert set(old) == {"step", "agent", "status", "gave"}
    assert set(old["gave"]["videos"][0]) == {"id"}
    assert newest["brief"] == "Look."
    assert newest["gave"]["videos"][0]["title"]
    assert any("1 in short" in row.what for row in (await play.state())["incidents"])
    assert tokens(script.prompts[2]) <= limit


async def test_a_long_conversation_stays_within_the_limit_and_its_last_turn_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = Play("supervisor", max_context=6_000)
    requests = [f"Question {number}: {'why is it hot? ' * 150}" for number in range(6)]
    with scripted(monkeypatch, *[FINISH] * len(requests)) as script:
        for request in requests:
            await play.ask(request)
    assert all(tokens(row) <= 6_000 for row in script.prompts)
    *older, newest = script.data("conversation")
    assert newest["request"] == requests[-2].strip()
    assert len(older) == 4
    assert older[0]["request"] == requests[0][:80]
    assert any("in short" in row.what for row in (await play.state())["incidents"])


async def test_numbers_of_steps_that_are_gone_are_not_given_twice() -> None:
    play = Play("supervisor")
    await play.ask(BRISKET)
    steps = (await play.state())["plan"].steps
    without_first = [step for step in steps if step.id != "search_1"]
    assert numbered("search", without_first) == "search_1"
    assert numbered("search", steps) == "search_2"
