"""A model whose price nobody knows: "unknown" wherever a price is shown, and never 0."""

import json
from pathlib import Path

import pytest

from cliptrail.state.plan import Plan
from tests.cli.command import SAMPLES, invoke, trail_in
from tests.graphs.playing import steps
from tests.nodes.guides import listing
from tests.nodes.scripted_model import as_answer, served

REQUEST = "How do I set the vents?"
ANSWERS = (
    as_answer(Plan(goal="Vents", steps=steps("kamado vents")), topic="kamado vents"),
    {"claims": [{"text": "The vent stands open.", "section": "vents", "sentences": [1]}]},
    listing("read.1", title="Vents"),
)


def test_estimate_calls_summary_and_ledger_say_that_the_price_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch, *ANSWERS):
        ran = invoke("research", REQUEST, *SAMPLES, "--output", "v.md", "-v", answers="a\n")
    assert "tokens, price unknown, about" in ran.err  # the estimate
    assert ran.err.count("tokens, price unknown, ") >= 4  # and each call
    assert "tokens, price unknown, answered by openai:scripted" in ran.out
    assert "$" not in ran.out
    ledger = invoke("trail", "v.md").out.partition("\nLedger\n")[2].partition("\nEvidence")[0]
    assert {row.split("\t")[-1] for row in ledger.strip().splitlines()[1:]} == {"price unknown"}
    assert "$" not in ledger
    trail = trail_in(tmp_path / "v.trail.json")
    assert trail.usage.calls > 0
    assert trail.estimate is not None


def test_json_has_null_for_each_call_and_sum_and_no_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch, *ANSWERS):
        ran = invoke("research", REQUEST, *SAMPLES, "--approve", "auto", "--json")
    trail = json.loads(ran.out)
    assert [row["usd"] for row in trail["ledger"]] == [None] * len(trail["ledger"])
    sums = [trail["usage"], trail["usage"]["work"], *trail["usage"]["by_role"].values()]
    assert [row["usd"] for row in sums] == [None] * len(sums)
    assert trail["estimate"]["total"]["usd"] is None
    asked = [row["actual"] for row in trail["audit"] if row["actual"]["calls"]]
    assert asked
    assert [row["usd"] for row in asked] == [None] * len(asked)


def test_a_budget_in_dollars_that_cannot_be_kept_is_refused_before_anything_is_paid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(monkeypatch, *ANSWERS) as server:
        ran = invoke("research", REQUEST, *SAMPLES, "--budget-usd", "1")
        assert not server.asked
    assert ran.code == 2
    assert "The price of openai:scripted is not known" in ran.err
    assert "--max-tokens" in ran.err


def test_one_tier_with_a_price_is_enough_to_begin_with(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch, *ANSWERS) as server:
        monkeypatch.setenv("CLIPTRAIL_MODEL_POWERFUL", "openai:gpt-5.4")
        ran = invoke("research", REQUEST, *SAMPLES, "--approve", "auto", "--budget-usd", "1", "-v")
    assert len(server.asked) == 1, "the planner was asked"
    assert "The price of openai:scripted is not known" in ran.out + ran.err
    assert ran.code == 4
