"""What was sent to a collector of traces: the lines of transcripts in it, a span's attributes."""

import json

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from cliptrail.tools.library.bundled import bundled_transcripts

LINES = {
    segment.text
    for row in bundled_transcripts()
    for segment in row.segments
    if len(segment.text.split()) >= 5
}


def said_in(sent: str) -> list[str]:
    """The lines of transcripts that stand in a text, also as JSON within JSON writes them."""
    plain = sent.replace("\\", "")
    return [line for line in LINES if line in plain or json.dumps(line)[1:-1] in plain]


def attributes(span: Span) -> dict[str, str]:
    return {row.key: row.value.string_value for row in span.attributes}
