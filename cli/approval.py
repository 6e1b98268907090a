"""How a person in the terminal decides about a plan, and answers questions."""

import sys
from collections.abc import Sequence

import click
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from cliptrail.agents.registry import agents
from cliptrail.cli.plan_table import show_plan
from cliptrail.cli.tables import plain
from cliptrail.events import Approval, Question
from cliptrail.plans.validation import validate
from cliptrail.state.plan import Plan

CHOICES = "[a]pprove, [e]dit, [r]eject with a reason, [q]uit and decide later"


def ask(console: Console, item: Approval | Question) -> None:
    """Put a question to the person at the terminal, and record the answer in it.

    The end of the input, or "q", leaves it for later. Without a terminal the same answers are
    read from standard input, a line each.
    """
    if isinstance(item, Question):
        _put(console, item)
        return
    if item.note:
        console.print(plain(item.note), style="red", markup=False)
    show_plan(console, item.revision, item.estimate, item.finished)
    console.print(Text(CHOICES))
    while not _decided(console, _line(), item):
        console.print(Text(CHOICES))


def _put(console: Console, question: Question) -> None:
    """Put a question of an agent; an empty line asks again."""
    console.print(Text(plain(question.text), style="bold"))
    for number, choice in enumerate(question.choices, 1):
        console.print(Text(plain(f"  {number}. {choice}")))
    console.print(Text("Your answer ([r]eject with a reason, [q]uit and decide later):"))
    while (line := _line()) == "":
        pass
    word, _, rest = (line or "q").partition(" ")
    if word in ("q", "quit"):
        return
    if word in ("r", "reject"):
        question.reject(rest)
    else:
        question.answer(_chosen(line or "", question.choices))


def _chosen(line: str, choices: Sequence[str]) -> str:
    """Return the choice that a line names by its number, else the line itself."""
    is_number = line.isdecimal() and 0 < int(line) <= len(choices)
    return choices[int(line) - 1] if is_number else line


def _line() -> str | None:
    """Read an answer; None at the end of the input."""
    line = sys.stdin.readline()
    return line.strip() if line else None


def _decided(console: Console, line: str | None, item: Approval) -> bool:
    """Record what a line decides, and return whether nothing is left to ask."""
    word, _, rest = (line if line is not None else "q").partition(" ")
    match word.lower():
        case "a" | "approve" | "y" | "yes":
            item.approve()
        case "r" | "reject" | "n" | "no":
            item.reject(rest or _reason(console))
        case "e" | "edit":
            return _edited(console, item)
        case "q" | "quit":
            pass
        case _:
            return False
    return True


def _reason(console: Console) -> str:
    console.print("Why? The planner tries again with your reason; without one the run ends.")
    return _line() or ""


def _edited(console: Console, item: Approval) -> bool:
    """Open the plan in the person's editor until it is valid; False if they left it as it was."""
    text = yaml.safe_dump(
        item.plan.model_dump(mode="json", exclude_defaults=True),
        sort_keys=False,
        allow_unicode=True,
    )
    while True:
        edited = _changed(console, text)
        if edited is None:
            console.print("Nothing was changed.")
            return False
        faults, plan = _read(edited)
        if plan is not None and not faults:
            item.edit(plan)
            return True
        comments = [line for line in edited.splitlines() if not line.startswith("# FAULT")]
        text = "\n".join([*(f"# FAULT {plain(fault)}" for fault in faults), *comments, ""])


def _changed(console: Console, text: str) -> str | None:
    """Return a text as the person left it in their editor; None if it is the same."""
    if not sys.stdin.isatty():
        console.print("There is no terminal to edit in. Use: cliptrail plan, and cliptrail run.")
        return None
    try:
        return click.edit(text, extension=".yaml")
    except click.ClickException as error:
        console.print(Text(f"{plain(error.message)}. Set EDITOR to an editor that works."))
        return None


def _read(text: str) -> tuple[list[str], Plan | None]:
    try:
        made = Plan.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        return [f"not YAML: {error}"], None
    except ValidationError as error:
        return [f"{row['loc']}: {row['msg']}" for row in error.errors()], None
    return [str(fault) for fault in validate(made, agents())], made
