"""The page's own routes: what they give, and what they refuse."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client

from cliptrail.agents.registry import agents, offered
from cliptrail.graphs.registry import patterns
from cliptrail.web.routes.choices import EXAMPLES
from tests.limits import SOON
from tests.server.conftest import Payload, Server, at_once
from tests.web.conftest import begin

pytestmark = pytest.mark.slow

SEARCH = {"id": "search", "agent": "search", "inputs": {"query": "kamado", "limit": 2}}
COMPOSE = {"id": "compose", "agent": "compose"}
VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nTwist the peg slowly.\n"


@pytest.fixture
async def api(web_server: Server) -> AsyncIterator[httpx.AsyncClient]:
    base = f"{web_server.url}/app/api"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=SOON) as http:
        yield http


async def checked(api: httpx.AsyncClient, plan: Any, **rest: Any) -> Payload:
    answer = await api.post("/plans/check", json={"plan": plan} | rest)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def places(found: Payload) -> set[tuple[str, str]]:
    return {(fault["step"], fault["field"]) for fault in found["faults"]}


async def test_every_example_is_answered_without_a_key(web_server: Server) -> None:
    async with get_client(url=web_server.url, api_key=None) as client:
        runs = await at_once(client, [({"request": row}, {"approval": "auto"}) for row in EXAMPLES])
    for example, run in zip(EXAMPLES, runs, strict=True):
        assert run["status"] == "complete", example
        assert run["guide"]["claims"], example


async def test_the_choices_are_those_of_the_registries(api: httpx.AsyncClient) -> None:
    found = (await api.get("/choices")).json()
    assert [row["name"] for row in found["patterns"]] == list(patterns())
    assert {row["name"] for row in found["patterns"] if row["remembers"]} == {"supervisor"}
    assert found["chosen"] in patterns()
    assert found["offline"] is True
    rows = (await api.get("/agents")).json()
    assert {row["name"] for row in rows} == set(offered()) | {"hold"}
    assert "join" in set(agents()) - set(offered())
    (search,) = [row for row in rows if row["name"] == "search"]
    assert search["gives"]["videos"] == "a list of Video"
    assert {row["name"]: row["required"] for row in search["inputs"]}["query"] is True


async def test_a_sound_plan_is_priced_and_spread_out(api: httpx.AsyncClient) -> None:
    read = {
        "id": "read",
        "agent": "transcript",
        "for_each": "$search.videos[:2]",
        "inputs": {"video": "$item"},
    }
    found = await checked(api, {"steps": [SEARCH, read]})
    assert found["faults"] == []
    assert [row["id"] for row in found["instances"]] == ["search", "read[0]", "read[1]"]
    assert set(found["estimate"]["steps"]) == {"search", "read[0]", "read[1]"}


async def test_all_faults_and_all_differences_come_at_once(api: httpx.AsyncClient) -> None:
    before = {"goal": "g", "steps": [SEARCH, COMPOSE]}
    wrong = {"id": "search", "agent": "search", "inputs": {"query": "x", "limit": "many"}}
    lost = {"id": "lost", "agent": "nobody", "depends_on": ["gone"]}
    found = await checked(api, {"goal": "h", "steps": [wrong, lost]}, before=before)
    assert places(found) >= {("search", "inputs.limit"), ("lost", "agent"), ("lost", "depends_on")}
    kinds = {(change["kind"], change["step"], change["field"]) for change in found["changes"]}
    assert kinds == {
        ("changed", "", "goal"),
        ("changed", "search", "inputs.query"),
        ("changed", "search", "inputs.limit"),
        ("added", "lost", ""),
        ("removed", "compose", ""),
    }
    assert (found["instances"], found["estimate"]) == ([], None)


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        ({"steps": [{"agent": "search"}]}, ("step 1", "id")),
        ({"steps": [SEARCH | {"tier": "best"}]}, ("search", "tier")),
        ({"steps": "none"}, ("", "steps")),
        ({"steps": [3]}, ("step 1", "")),
        ({"steps": [SEARCH], "surprise": 1}, ("", "surprise")),
        ({}, ("", "steps")),
    ],
)
async def test_a_plan_of_another_shape_is_a_fault(
    api: httpx.AsyncClient, plan: Any, place: tuple[str, str]
) -> None:
    assert place in places(await checked(api, plan))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notes.doc", VTT, "cannot be read"),
        ("empty.vtt", "WEBVTT\n", "no captions"),
        ("broken.json", "{", ""),
        ("plan.json", '{"a": 1}', "neither"),
    ],
)
async def test_a_file_that_is_no_transcript_is_told(
    api: httpx.AsyncClient, name: str, content: str, told: str
) -> None:
    answer = (await api.post("/library/own/import", params={"file": name}, content=content)).json()
    assert answer["video"] is None
    assert answer["problem"]["path"] == name
    assert told in answer["problem"]["reason"]
    assert answer["problem"]["reason"]


async def test_an_imported_file_is_listed_found_and_read(api: httpx.AsyncClient) -> None:
    params = {"file": "../../Tuning.en.vtt", "channel": "Our Club"}
    answer = (await api.post("/library/own/import", params=params, content=VTT)).json()
    video = answer["video"]
    assert (video["title"], video["channel"]) == ("Tuning", "Our Club")
    listed = (await api.get("/library/own/videos")).json()
    assert video["video_id"] in {row["video_id"] for row in listed["videos"]}
    (hit,) = (await api.get("/library/own/search", params={"query": "peg"})).json()
    assert hit["segment"]["text"] == "Twist the peg slowly."
    read = (await api.get(f"/library/own/videos/{video['video_id']}")).json()
    assert [row["text"] for row in read["segments"]] == ["Twist the peg slowly."]


@pytest.mark.parametrize("name", ["", "..", ".", "a/..", "/"])
async def test_a_file_needs_a_name(api: httpx.AsyncClient, name: str) -> None:
    answer = await api.post("/library/own/import", params={"file": name}, content=VTT)
    assert answer.status_code == 400
    assert "no name of a file" in answer.json()["message"]


async def test_the_points_of_a_run_are_its_decisions(
    api: httpx.AsyncClient, web_server: Server
) -> None:
    given = {"request": "Is RAID a backup?"}
    thread = await asyncio.to_thread(begin, web_server.url, given, wait=True, approval="ask")
    asked, planned = (await api.get(f"/runs/{thread}/points")).json()
    assert (asked["kind"], asked["by"], asked["number"]) == ("approval", "approve", 1)
    assert (planned["kind"], planned["by"], planned["number"]) == ("decision", "planner", 1)
    assert {asked["request"], planned["request"]} == {given["request"]}


@pytest.mark.parametrize("pattern", ["supervisor", "react", "handoff"])
async def test_each_move_of_a_run_belongs_to_one_point(
    api: httpx.AsyncClient, web_server: Server, pattern: str
) -> None:
    given = {"request": "Is RAID a backup?"}
    thread = await asyncio.to_thread(begin, web_server.url, given, wait=True, pattern=pattern)
    found = (await api.get(f"/runs/{thread}/points")).json()
    numbers = [row["number"] for row in reversed(found)]
    assert numbers == list(range(1, len(found) + 1))
    trail = (await api.get(f"/runs/{thread}/trail")).json()
    assert [move for row in reversed(found) for move in row["moves"]] == trail["path"]


REFUSED = {
    "/library/samples/videos/nothing": 404,
    "/library/elsewhere/videos": 422,
    "/library/samples/search?query=x&limit=100000": 422,
    "/runs/nothing/trail": 404,
    "/runs/00000000-0000-4000-8000-000000000000/points": 404,
    "/runs/00000000-0000-4000-8000-000000000000/files/guide": 404,
    "/nowhere": 404,
    "/runs/x/files/passwd": 422,
}


async def test_what_is_not_there_is_refused(api: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(api.get(path) for path in REFUSED))
    codes = {path: answer.status_code for path, answer in zip(REFUSED, answers, strict=True)}
    assert codes == REFUSED


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}],
)
async def test_a_foreign_page_gets_nothing(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/choices"), ("POST", "/library/own/import?file=a.vtt")):
        answer = await api.request(method, path, headers=headers, content=VTT)
        assert answer.status_code == 401, path


async def test_a_run_that_has_not_ended_has_no_files(
    api: httpx.AsyncClient, web_server: Server
) -> None:
    given = {"request": "Is RAID a backup?"}
    thread = await asyncio.to_thread(begin, web_server.url, given, wait=True, approval="ask")
    for path in ("trail", "files/guide", "files/trail"):
        answer = await api.get(f"/runs/{thread}/{path}")
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("This run has no")
