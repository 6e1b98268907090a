"""The options that commands share: what they set, their bounds, and that both have them all."""

import json
from dataclasses import fields
from typing import Any

import pytest
import typer

from cliptrail.cli.app import app
from cliptrail.cli.run_options import Overrides, RunOptions
from tests.cli.command import AUTO, REQUEST, SAMPLES, invoke

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "shared"),
    [
        ("research", RunOptions),
        ("run", RunOptions),
        ("chat", Overrides),
        ("resume", Overrides),
    ],
)
def test_commands_have_every_option_that_they_share(command: str, shared: type[Any]) -> None:
    named = {row.name for row in COMMANDS[command].params}
    assert named >= {row.name for row in fields(shared)}
    assert named.isdisjoint({"options", "overrides"})


def test_resume_changes_what_it_is_given_and_keeps_the_rest() -> None:
    own = {"max_calls": 0, "max_tokens": 50_000, "max_context": 5_000}
    ran = invoke("research", REQUEST, *AUTO, "--json", *arguments(own))
    thread = str(json.loads(ran.out)["thread_id"])

    def resumed(given: dict[str, Any]) -> dict[str, Any]:
        options: dict[str, Any] = json.loads(
            invoke("resume", thread, "--json", *arguments(given)).out
        )["options"]
        return {name: options[name] for name in given | own | {"library": ""}}

    assert resumed({"max_rounds": 5}) == own | {"max_rounds": 5, "library": "samples"}
    given = {"max_calls": 9, "max_tokens": 90_000, "max_context": 9_000, "budget_usd": 1.0}
    assert resumed(given) == given | {"library": "samples"}


def arguments(given: dict[str, Any]) -> list[str]:
    """Options as they are typed."""
    typed = [(f"--{name.replace('_', '-')}", str(value)) for name, value in given.items()]
    return [part for pair in typed for part in pair]


def options_of(*arguments: str) -> dict[str, Any]:
    """The options in the trail of a run."""
    ran = invoke("research", REQUEST, *AUTO, "--json", *arguments)
    options: dict[str, Any] = json.loads(ran.out)["options"]
    return options


def test_steps_revisions_and_annotation_reach_the_run() -> None:
    given = options_of("--max-steps", "30", "--max-revisions", "0", "--annotate")
    assert (given["max_steps"], given["max_revisions"], given["annotate"]) == (30, 0, True)
    usual = options_of("--overwrite")
    assert (usual["max_steps"], usual["max_revisions"], usual["annotate"]) == (60, 2, False)


def test_validation_by_a_model_reaches_the_handoff_and_its_path_is_told() -> None:
    ran = invoke("research", REQUEST, *AUTO, "--pattern", "handoff", "--validation", "model", "-v")
    assert ran.code == 0
    assert "model: validator: offline:rules" in ran.out + ran.err
    assert "transcript(handoff) to extract_claims: What is said is there" in ran.out + ran.err
    assert "11 model calls" in ran.out + ran.err


def test_a_plan_with_more_steps_than_allowed_is_not_run() -> None:
    ran = invoke("research", REQUEST, *AUTO, "--max-steps", "3", "--max-revisions", "0")
    assert ran.code == 4
    assert "3 are allowed" in ran.out


def test_a_stored_plan_is_held_to_the_limit_that_is_given() -> None:
    assert invoke("plan", REQUEST, *SAMPLES, "--output", "p.yaml").code == 0
    ran = invoke("run", "p.yaml", *AUTO, "--max-steps", "3")
    assert (ran.code, "3 are allowed" in ran.err) == (2, True)
    assert invoke("run", "p.yaml", *AUTO, "--max-steps", "30").code == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-steps", "0"),
        ("--max-steps", "1001"),
        ("--max-revisions", "-1"),
        ("--max-revisions", "11"),
    ],
)
@pytest.mark.parametrize("command", ["research", "plan"])
def test_what_is_out_of_bounds_is_told(command: str, option: str, value: str) -> None:
    ran = invoke(command, REQUEST, *SAMPLES, option, value)
    assert ran.code == 2
    assert option in ran.err
