"""What never leaves this machine in a trace: secrets, and transcripts where somebody says so."""

import copy
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.media import Segment
from cliptrail.tools.masking import FEW_WORDS, HIDDEN, mask
from cliptrail.tools.settings import Settings, settings
from tests.cli.command import AUTO, REQUEST, invoke, trail_in
from tests.tracing.conftest import SECRETS, TOLD, Traced
from tests.tracing.recorder import KEY, Recorder
from tests.tracing.sent import said_in

MARK = "zq7Xw2Lk9Rt4Bv8Nm3Hc6Yd1Fs5Gj0Pa"
"""What must not be found in a masked text."""
FORMS = (
    "sk-{}",
    "sk-ant-api03-{}",
    "lsv2_pt_{}_0123456789",
    "AIza{}zzz",
    "ghp_{}",
    "xoxb-{}",
    "eyJhbGciOi.eyJ{}.signature",
    "Authorization: Bearer {}",
    "authorization: basic {}",
    'x-api-key="{}"',
    "MY_SECRET={}",
    "password = '{}'",
    "https://host/path?token={}&page=2",
    "socks5://me:{}@proxy:1080",
)


def value_of(name: str) -> str:
    return "proxy-passphrase" if name == "CLIPTRAIL_PROXY" else SECRETS[name]


def test_secrets_are_in_no_trace(traced: Traced) -> None:
    sent = traced.recorder.sent.decode()
    assert [name for name in SECRETS if value_of(name) in sent] == []
    assert TOLD not in sent
    assert KEY not in sent
    [root] = traced.recorder.roots()
    assert root.data["inputs"]["request"].endswith(f"my key is {HIDDEN}")


def test_transcripts_are_shown_unless_somebody_says_no(traced: Traced) -> None:
    assert said_in(traced.recorder.sent.decode())


def test_by_setting_no_word_of_a_transcript_is_sent(
    here: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIPTRAIL_TRACE_TRANSCRIPTS", "false")
    settings.cache_clear()
    assert invoke("research", REQUEST, *AUTO, "--output", "o.md").code == 0
    sent, trail = recorder.sent.decode(), trail_in(here / "o.trail.json")
    assert said_in(sent) == []
    claims = (trail.guide and trail.guide.claims) or ()
    assert claims
    assert [row.text for row in claims if row.text in sent] == []
    [root] = recorder.roots()
    assert root.data["inputs"]["request"].startswith("How do I cook a pork loin")
    assert (root.metadata["status"], root.metadata["usd"]) == ("complete", 0.0)
    calls = [row for row in recorder.nodes.values() if row.data["run_type"] == "llm"]
    assert len(calls) == len(trail.ledger)


@pytest.mark.parametrize("form", FORMS)
def test_what_looks_like_a_secret_is_hidden(form: str) -> None:
    text = f"before {form.format(MARK)} after"
    shown = mask(Settings())(text)
    assert MARK not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@pytest.mark.parametrize("name", ["api_key", "openai-api-key", "Authorization", "proxy.password"])
def test_a_field_named_as_a_secret_is_hidden(name: str) -> None:
    assert mask(Settings())({"a": [{name: "x1"}]}) == {"a": [{name: HIDDEN}]}


@pytest.mark.parametrize(
    "text",
    [
        "Wrap it in foil at 165 degrees; the secret is patience, the key is time.",
        "Basic technique: sk-y high, risk-averse, task-oriented.",
        "https://youtu.be/abc?t=754 at 12:34",
        "tokens: 1,024 in, 512 out",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert mask(Settings())({"input_tokens": text, "tokenizer": text}) == {
        "input_tokens": text,
        "tokenizer": text,
    }


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(DATA, st.booleans())
def test_masking_keeps_the_shape_and_what_it_is_given(data: object, shown: bool) -> None:
    before = copy.deepcopy(data)
    masked = mask(Settings(trace_transcripts=shown))(data)
    assert data == before
    assert shape(masked) == shape(data)


def shape(data: object) -> object:
    if isinstance(data, dict):
        return {key: shape(value) for key, value in data.items()}
    if isinstance(data, list):
        return [shape(row) for row in data]
    return type(data)


@given(st.lists(st.sampled_from(["fat", "cap", "rind", "smoke"]), min_size=FEW_WORDS + 1))
def test_a_sentence_is_hidden_wherever_it_stands(words: list[str]) -> None:
    sentence = " ".join(words)
    hide = mask(Settings(trace_transcripts=False))
    deep = {"a": {"b": [[{"c": sentence}]]}, "error": f"ValueError: {sentence}"}
    assert sentence not in json.dumps(hide(deep))
    prompt = (
        f"Read it.\n<transcripts>\n{sentence}\n</transcripts>\n<request>\n{sentence}\n</request>"
    )
    shown = hide({"type": "human", "content": prompt})["content"]
    assert shown.startswith("Read it.")
    assert shown.count(sentence) == 1


def test_hostile_texts_do_not_hold_masking_up() -> None:
    texts = [
        "a.b-c_" * 50_000,
        "eyJa" * 50_000,
        "secret=" * 50_000,
        "<a>\n" * 50_000,
        "://" * 50_000,
    ]
    for shown in (True, False):
        started = time.process_time()
        for text in texts:
            mask(Settings(trace_transcripts=shown))({"type": "human", "content": text})
        assert time.process_time() - started < 5


def test_what_is_masked_is_this_installations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", MARK)
    settings.cache_clear()
    assert mask(settings())([f"it is {MARK}!"]) == [f"it is {HIDDEN}!"]


def test_a_short_line_is_hidden_where_lines_stand() -> None:
    segment = Segment(start=0, duration=1, text="Use oak.").model_dump()
    assert mask(Settings(trace_transcripts=False))(segment)["text"] == "[2 words]"
