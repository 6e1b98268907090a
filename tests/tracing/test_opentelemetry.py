"""The same tree as OpenTelemetry spans, to a collector, beside LangSmith or instead of it."""

import sys

import pytest

from tests.cli.command import AUTO, invoke
from tests.tracing.conftest import SECRETS, TOLD, Traced
from tests.tracing.recorder import KEY, Recorder
from tests.tracing.sent import attributes


def test_each_node_is_a_span_of_one_trace_beside_the_one_in_langsmith(traced: Traced) -> None:
    collector = traced.collector
    assert set(collector.paths) == {"POST /v1/traces"}
    spans = {span.span_id: span for span in collector.spans}
    assert len(spans) == len(traced.recorder.nodes)
    assert len({span.trace_id for span in spans.values()}) == 1
    [root] = [span for span in spans.values() if not span.parent_span_id]
    assert root.name == "cliptrail planner"
    about = attributes(root)
    assert about["langsmith.span.tags"] == "pattern:planner"
    assert about["langsmith.metadata.pattern"] == "planner"
    assert about["langsmith.metadata.status"] == "complete"
    steps = {attributes(span).get("langsmith.metadata.step") for span in spans.values()}
    assert steps >= {row.id for row in traced.trail.audit}
    calls = [span for span in spans.values() if "langsmith.metadata.role" in attributes(span)]
    assert len(calls) == len(traced.trail.ledger)
    assert {spans[span.parent_span_id].parent_span_id for span in calls} == {root.span_id}
    sent = collector.sent
    secrets = [*SECRETS.values(), TOLD, KEY, "proxy-passphrase"]
    assert [name for name in secrets if name.encode() in sent] == []


def test_without_its_packages_it_says_how_to_get_them(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_OTEL_ENABLED", "true")
    monkeypatch.setattr(
        "cliptrail.tools.tracing.is_env_var_truish", lambda name: name == "OTEL_ENABLED"
    )
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    ran = invoke("research", "How do I set the vents?", *AUTO)
    assert ran.code == 2
    assert 'pip install "cliptrail[otel]"' in ran.err
    assert recorder.requests == []
