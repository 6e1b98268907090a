"""The server's runs are traced as those of the command line are, and masked as they are."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from cliptrail.graphs.registry import OURS
from tests.server.conftest import Payload, new_thread, running
from tests.tracing.conftest import SECRETS, TOLD, tracing_to
from tests.tracing.recorder import KEY, Node, Recorder, recording
from tests.tracing.sent import attributes, said_in

pytestmark = pytest.mark.slow
every_pattern = pytest.mark.parametrize("pattern", OURS)

REQUEST = f"How do I set the vents of a kamado? My key is {TOLD}"


@dataclass(frozen=True)
class Served:
    """A run of each pattern on one server, with its traces."""

    recorder: Recorder
    """In LangSmith's place."""
    collector: Recorder
    """In that of an OpenTelemetry collector."""
    runs: dict[str, Payload]
    """By pattern: thread, the server's id of the run, and the state in the end."""
    nodes: list[Node]
    """Of all traces in LangSmith."""

    def root(self, pattern: str) -> Node:
        roots = (row for row in self.nodes if not row.parent)
        (found,) = (row for row in roots if f"pattern:{pattern}" in row.tags)
        return found

    def below(self, node: Node) -> list[Node]:
        return [row for row in self.nodes if row.parent == node.id]

    def all_below(self, node: Node) -> list[Node]:
        own = self.below(node)
        return [*own, *(row for child in own for row in self.all_below(child))]


async def one(client: LangGraphClient, pattern: str) -> Payload:
    talk = await new_thread(client, pattern)
    given = {"request": REQUEST, "output": f"{pattern}.md"}
    await talk.ask(given, approval="auto", model="offline:rules")
    (run,) = await client.runs.list(talk.thread_id)
    return {"thread": talk.thread_id, "run_id": run["run_id"], "state": await talk.state()}


async def all_patterns(url: str) -> dict[str, Payload]:
    async with get_client(url=url, api_key=None) as client:
        rows = await asyncio.gather(*(one(client, pattern) for pattern in OURS))
    return dict(zip(OURS, rows, strict=True))


@contextmanager
def traced_runs(folder: Path, **variables: str) -> Iterator[Served]:
    """Run every pattern on a server that traces, and wait for all that it sends."""
    with recording() as recorder, recording() as collector:
        given = {
            "LANGSMITH_OTEL_ENABLED": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            **tracing_to(recorder),
            **SECRETS,
            **variables,
        }
        with running(folder, **given) as server:
            runs = asyncio.run(all_patterns(server.url))
            recorder.until(lambda: sum(row.ended for row in recorder.roots()) == len(OURS))
            recorder.until(lambda: len(collector.spans) >= len(recorder.nodes))
            yield Served(recorder, collector, runs, list(recorder.nodes.values()))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with traced_runs(tmp_path_factory.mktemp("traced_server")) as found:
        yield found


@every_pattern
def test_a_run_on_the_server_is_one_readable_trace(served: Served, pattern: str) -> None:
    root, run = served.root(pattern), served.runs[pattern]
    state = run["state"]
    assert root.name == f"cliptrail {pattern}"
    assert (
        root.metadata.items()
        >= {
            "pattern": pattern,
            "thread": run["thread"],
            "thread_id": run["thread"],
            "run": state["run"],
            "revision": state["revisions"][-1]["number"],
            "version": version("cliptrail"),
            "usd": 0.0,
            "status": "complete",
            "stop_reason": "done",
        }.items()
    )
    assert root.id == run["run_id"] == state["trace"]


@every_pattern
def test_each_step_goes_by_its_id_and_agent(served: Served, pattern: str) -> None:
    rows = served.below(served.root(pattern))
    shown = {row.metadata["step"]: row for row in rows if "step" in row.metadata}
    results = served.runs[pattern]["state"]["results"]
    assert set(shown) == set(results)
    for name, result in results.items():
        agent = result["agent"]
        assert shown[name].name == (name if name == agent else f"{name} ({agent})")
        assert shown[name].tags >= {f"step:{name}", f"agent:{agent}"}
        assert shown[name].metadata["outcome"] == result["status"]


@every_pattern
def test_each_model_call_goes_by_its_role_and_tier(served: Served, pattern: str) -> None:
    rows = served.all_below(served.root(pattern))
    calls = [row for row in rows if row.data["run_type"] == "llm"]
    fields = ("role", "tier", "kind", "step", "model")
    shown = sorted(tuple(row.metadata[name] for name in fields) for row in calls)
    ledger = served.runs[pattern]["state"]["ledger"]
    assert shown == sorted(tuple(call[name] for name in fields) for call in ledger)
    for call in calls:
        role, tier = call.metadata["role"], call.metadata["tier"]
        assert call.name == role
        assert call.tags >= {f"role:{role}", f"tier:{tier}"}


@pytest.mark.parametrize("pattern", [name for name in OURS if name != "react"])
def test_a_tree_holds_nodes_and_model_calls_and_no_plumbing(served: Served, pattern: str) -> None:
    """But for LangChain's own agent, which shows its parts around each call."""
    nodes = served.below(served.root(pattern))
    below = [row for node in nodes for row in served.below(node)]
    assert {row.data["run_type"] for row in nodes} == {"chain"}
    assert {row.data["run_type"] for row in below} == {"llm"}
    assert [row for node in below for row in served.below(node)] == []


@every_pattern
def test_a_run_is_one_trace_of_spans_too(served: Served, pattern: str) -> None:
    """It lies below the server's own spans, of the HTTP request and of the worker."""
    about = {span.span_id: attributes(span) for span in served.collector.spans}
    (root,) = (
        span
        for span in served.collector.spans
        if about[span.span_id].get("langsmith.trace.name") == f"cliptrail {pattern}"
    )
    told = about[root.span_id]
    assert told["langsmith.span.tags"] == f"pattern:{pattern}"
    assert told["langsmith.metadata.pattern"] == pattern
    assert told["langsmith.metadata.status"] == "complete"
    own = [about[row.span_id] for row in served.collector.spans if row.trace_id == root.trace_id]
    state: Any = served.runs[pattern]["state"]
    assert {row.get("langsmith.metadata.step") for row in own} >= set(state["results"])
    calls = [row["langsmith.metadata.role"] for row in own if "langsmith.metadata.role" in row]
    assert sorted(calls) == sorted(call["role"] for call in state["ledger"])


def sent(served: Served) -> bytes:
    """All of the traces; what the LangGraph server reports of itself, with its key, is not ours."""
    rows = [row for row in served.recorder.requests if row.path.startswith("/runs")]
    assert rows
    return b"\n".join([*(row.body for row in rows), served.collector.sent])


def secrets_in(text: bytes) -> list[str]:
    secrets = [*SECRETS.values(), "proxy-passphrase", TOLD, KEY]
    return [name for name in secrets if name.encode() in text]


def test_secrets_are_in_no_trace(served: Served) -> None:
    assert secrets_in(sent(served)) == []


def test_by_setting_no_word_of_a_transcript_is_sent(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("silent_server")
    with traced_runs(folder, CLIPTRAIL_TRACE_TRANSCRIPTS="false") as served:
        text = sent(served)
        assert said_in(text.decode(errors="replace")) == []
        assert secrets_in(text) == []
        for pattern in OURS:
            state = served.runs[pattern]["state"]
            claims = [row["text"] for row in state["guide"]["claims"]]
            assert claims
            assert [words for words in claims if words.encode() in text] == []
            assert served.root(pattern).metadata["status"] == "complete"
