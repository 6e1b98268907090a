"""The same tree as OpenTelemetry spans, to a collector, beside LangSmith or instead of it."""

import sys
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.cli.command import AUTO, invoke, trail_in
from tests.tracing.conftest import SECRETS, TOLD, traced_run, tracing_to
from tests.tracing.recorder import KEY, Recorder, recording
from tests.tracing.test_failing_langsmith import SLACK_S, after_the_result, nobody, told
from tools.tracing import SPANS_WITHIN_S


def attributes(span: Span) -> dict[str, str]:
    return {row.key: row.value.string_value for row in span.attributes}


def test_each_node_is_a_span_of_one_trace_beside_the_one_in_langsmith(tmp_path: Path) -> None:
    with recording() as langsmith, recording() as collector:
        run = traced_run(
            tmp_path,
            collector,
            **tracing_to(langsmith),
            LANGSMITH_OTEL_ENABLED="true",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        )
    assert [row.id for row in langsmith.roots()] == [run.trail.trace]
    assert set(collector.paths) == {"POST /v1/traces"}
    spans = {span.span_id: span for span in collector.spans}
    assert len(spans) == len(langsmith.nodes)
    assert len({span.trace_id for span in spans.values()}) == 1
    [root] = [span for span in spans.values() if not span.parent_span_id]
    assert root.name == "cliptrail planner"
    about = attributes(root)
    assert about["langsmith.span.tags"] == "pattern:planner"
    assert about["langsmith.metadata.pattern"] == "planner"
    assert about["langsmith.metadata.status"] == "complete"
    steps = {attributes(span).get("langsmith.metadata.step") for span in spans.values()}
    assert steps >= {row.id for row in run.trail.audit}
    calls = [span for span in spans.values() if "langsmith.metadata.role" in attributes(span)]
    assert len(calls) == len(run.trail.ledger)
    assert {spans[span.parent_span_id].parent_span_id for span in calls} == {root.span_id}
    sent = collector.sent
    secrets = [*SECRETS.values(), TOLD, KEY, "proxy-passphrase"]
    assert [name for name in secrets if name.encode() in sent] == []


def test_a_collector_alone_that_is_down_is_told_once(here: Path, recorder: Recorder) -> None:
    with nobody() as address:
        variables = {"LANGSMITH_OTEL_ONLY": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": address}
        seconds, said = after_the_result(**variables)
    assert "span" in told(said)
    assert recorder.requests == []
    assert trail_in(here / "o.trail.json").status == "complete"
    assert seconds < 2 * SPANS_WITHIN_S + SLACK_S


def test_without_its_packages_it_says_how_to_get_them(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_OTEL_ENABLED", "true")
    monkeypatch.setattr("tools.tracing.is_env_var_truish", lambda name: name == "OTEL_ENABLED")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    ran = invoke("research", "How do I set the vents?", *AUTO)
    assert ran.code == 2
    assert 'pip install "cliptrail[otel]"' in ran.err
    assert recorder.requests == []
