"""The trace of a run on the command line, as it arrives: a tree that a person can read."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from cliptrail.running import saved
from cliptrail.state.plan import Plan
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads
from cliptrail.tools.tracing import describe, describe_run, trace_id
from tests.cli.command import AUTO, SAMPLES, cliptrail, invoke, trail_in
from tests.graphs.playing import steps
from tests.nodes.guides import listing
from tests.nodes.scripted_model import as_answer, served
from tests.tracing.conftest import Traced
from tests.tracing.recorder import KEY, Node, Recorder, recording

QUESTION = "How do I set the vents of a kamado?"


def children(traced: Traced, node: Node) -> list[Node]:
    below = [row for row in traced.recorder.nodes.values() if row.parent == node.id]
    return sorted(below, key=lambda row: str(row.data["start_time"]))


def test_a_run_is_one_trace_and_says_what_it_is(traced: Traced) -> None:
    [root] = traced.recorder.roots()
    assert (traced.ran.code, traced.ran.err.count("Tracing")) == (0, 0)
    assert root.name == "cliptrail planner"
    assert "pattern:planner" in root.tags
    assert root.data["session_name"] == "cliptrail"
    trail = traced.trail
    assert (
        root.metadata.items()
        >= {
            "pattern": "planner",
            "thread": trail.thread_id,
            "thread_id": trail.thread_id,  # what LangSmith groups the traces of a thread by
            "run": trail.run_id,
            "revision": 1,
            "version": version("cliptrail"),
            "usd": trail.usage.usd,
            "status": "complete",
            "stop_reason": "done",
        }.items()
    )
    assert trail.trace == root.id
    assert all(node.ended for node in traced.recorder.nodes.values())


def test_each_request_of_a_conversation_is_a_trace_before_the_command_ends(
    recorder: Recorder,
) -> None:
    ran = cliptrail("chat", *SAMPLES, answers=f"{QUESTION}\nwhat about charcoal?\n")
    assert (ran.code in (0, 3), ran.err.count("Tracing")) == (True, 0)
    assert [root.name for root in recorder.roots()] == ["cliptrail supervisor"] * 2
    assert all(node.ended for node in recorder.nodes.values())


def test_a_conversation_tells_of_traces_that_were_lost(recorder: Recorder) -> None:
    recorder.status = 500
    ran = cliptrail("chat", *SAMPLES, answers=f"{QUESTION}\n")
    assert (ran.code, ran.err.count("Tracing: ")) == (0, 1)


def test_each_step_goes_by_its_id_and_agent(traced: Traced) -> None:
    [root] = traced.recorder.roots()
    shown = {row.metadata["step"]: row for row in children(traced, root) if "step" in row.metadata}
    assert set(shown) == {row.id for row in traced.trail.audit}
    for row in traced.trail.audit:
        node = shown[row.id]
        assert node.name == (
            row.id if row.id == row.planned_agent else f"{row.id} ({row.planned_agent})"
        )
        assert node.tags >= {f"step:{row.id}", f"agent:{row.planned_agent}"}
        assert node.metadata["outcome"] == row.outcome
        assert node.metadata["usd"] == row.actual.usd


def test_each_model_call_goes_by_its_role_and_tier(traced: Traced) -> None:
    calls = [row for row in traced.recorder.nodes.values() if row.data["run_type"] == "llm"]
    wanted = {(row.role, row.tier, row.kind, row.step, row.model) for row in traced.trail.ledger}
    fields = ("role", "tier", "kind", "step", "model")
    assert {tuple(row.metadata[name] for name in fields) for row in calls} == wanted
    for call in calls:
        assert call.name == call.metadata["role"]
        assert call.tags >= {f"role:{call.metadata['role']}", f"tier:{call.metadata['tier']}"}
        assert call.data["outputs"]["generations"]


def test_a_tree_holds_nodes_and_model_calls_and_no_plumbing(traced: Traced) -> None:
    [root] = traced.recorder.roots()
    nodes = children(traced, root)
    below = [row for node in nodes for row in children(traced, node)]
    assert {row.data["run_type"] for row in nodes} == {"chain"}
    assert {row.data["run_type"] for row in below} == {"llm"}
    assert len(traced.recorder.nodes) == 1 + len(nodes) + len(below)
    assert len(below) == len(traced.trail.ledger)


def test_without_tracing_there_is_not_one_connection(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording() as silent:
        monkeypatch.setenv("LANGSMITH_API_KEY", KEY)
        monkeypatch.setenv("LANGSMITH_ENDPOINT", silent.url)
        settings.cache_clear()
        assert invoke("research", QUESTION, *AUTO, "--output", "o.md").code == 0
    assert silent.requests == []
    assert trail_in(here / "o.trail.json").trace == ""


def test_a_command_that_runs_nothing_asks_nobody(here: Path, recorder: Recorder) -> None:
    assert cliptrail("threads", folder=here).code == 0
    assert recorder.requests == []


def test_what_env_files_say_counts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recording() as recorder:
        rows = ("LANGSMITH_TRACING=true", f"LANGSMITH_ENDPOINT={recorder.url}")
        Path(".env").write_text("\n".join((*rows, f"LANGSMITH_API_KEY={KEY}")), encoding="utf-8")
        monkeypatch.setitem(type(settings()).model_config, "env_file", ".env")
        monkeypatch.delenv("LANGSMITH_TRACING")
        settings.cache_clear()
        assert invoke("research", QUESTION, *AUTO, "--output", "o.md").code == 0
    assert [row.id for row in recorder.roots()] == [trail_in(here / "o.trail.json").trace]


def test_a_run_that_asks_first_has_a_trace_before_and_one_after_the_answer(
    recorder: Recorder,
) -> None:
    ran = invoke("research", QUESTION, *SAMPLES, "--output", "o.md", answers="a\n")
    assert ran.code == 0
    assert recorder.encodings == {"zstd"}
    assert {row.key for row in recorder.requests} == {KEY}
    before, after = sorted(recorder.roots(), key=lambda row: str(row.data["start_time"]))
    assert before.metadata["thread_id"] == after.metadata["thread_id"]
    assert (before.metadata["revision"], "status" in before.metadata) == (1, False)
    assert (after.metadata["revision"], after.metadata["status"]) == (1, "complete")
    [thread] = Threads(settings().runs_file).all()
    assert (thread.trace, saved(thread).values["trace"]) == (after.id, after.id)


def test_a_real_model_call_is_shown_with_tokens_and_price(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = as_answer(Plan(goal="Vents", steps=steps("kamado vents")), topic="kamado vents")
    found = {"claims": [{"text": "The vent.", "section": "vents", "sentences": [1]}]}
    with served(monkeypatch, plan, found, listing(title="Vents")):
        invoke("research", QUESTION, *AUTO, "--output", "v.md")
    [root] = recorder.roots()
    calls = [row for row in recorder.nodes.values() if row.data["run_type"] == "llm"]
    assert {row.metadata["role"] for row in calls} >= {"planner", "extract"}
    for row in calls:
        assert row.metadata["usage_metadata"]["total_tokens"] == 120
    assert root.metadata["usd"] is None  # nobody knows the price of this model


def test_where_nothing_is_traced_nothing_is_said() -> None:
    describe("a node", ["a:tag"], {"usd": 1})
    describe_run("a run", ["a:tag"], {"usd": 1})
    assert trace_id() == ""
    assert os.environ["LANGSMITH_TRACING"] == "false"
