"""The options that commands share: what they set, their bounds, and that both have them all."""

import json
from typing import Any, get_args

import pytest
import typer

from cliptrail.cli.app import app
from cliptrail.state.context import Command, Context, Option, flag_of, options
from tests.cli.command import AUTO, REQUEST, SAMPLES, invoke

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", get_args(Command))
def test_a_command_has_every_option_that_names_it_and_no_other(command: Command) -> None:
    named = {row.name for row in COMMANDS[command].params}
    assert named & set(Context.model_fields) == {
        name for name, option in options() if command in option.commands
    }
    assert "given" not in named


@pytest.mark.parametrize(("name", "option"), list(options()))
def test_an_option_has_the_same_flag_help_and_default_everywhere(name: str, option: Option) -> None:
    field = Context.model_fields[name]
    for command in option.commands:
        (row,) = (row for row in COMMANDS[command].params if row.name == name)
        assert row.opts == [flag_of(name)]
        assert row.help.startswith(" ".join(str(field.description).split()))
        if command not in ("resume", "chat") and (command, name) != ("run", "max_replans"):
            assert row.default == field.default


BOUNDS = [
    (name, str(most + 1))
    for name, field in Context.model_fields.items()
    for most in (getattr(row, "le", None) for row in field.metadata)
    if most is not None
]


@pytest.mark.parametrize(("name", "value"), BOUNDS)
def test_a_number_above_its_bound_is_refused_by_its_flag(name: str, value: str) -> None:
    ran = invoke("research", REQUEST, *SAMPLES, flag_of(name), value)
    assert (ran.code, flag_of(name) in ran.err) == (2, True)


def test_an_unknown_source_is_told_with_those_that_there_are() -> None:
    ran = invoke("research", REQUEST, "--source", "radio")
    assert ran.code == 2
    assert "There is no source 'radio'. There are: library, youtube." in ran.err


def test_every_field_of_the_context_is_an_option_with_a_title_and_a_description() -> None:
    assert [name for name, _ in options()] == list(Context.model_fields)
    assert all(row.title and row.description for row in Context.model_fields.values())


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
