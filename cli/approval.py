"""How a person in the terminal decides about a plan, and answers questions."""

import sys
from collections.abc import Callable
from typing import Any

import click
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from cliptrail.agents.person import ACTION as QUESTION
from cliptrail.agents.registry import agents
from cliptrail.cli.plan_table import show_plan
from cliptrail.cli.tables import plain
from cliptrail.plans.validation import validate
from cliptrail.state.plan import Change, Estimate, Plan, Revision

CHOICES = "[a]pprove, [e]dit, [r]eject with a reason, [q]uit and decide later"


def ask_with(console: Console) -> Callable[[dict[str, Any]], Any | None]:
    """Return the function that puts a request to the person at the terminal.

    It returns a decision in LangChain's human-in-the-loop shape, or None to decide later.
    Without a terminal it reads the same answers from standard input, a line each.
    """

    def ask(payload: dict[str, Any]) -> Any | None:
        action = payload["action_requests"][0]
        if action["name"] == QUESTION:
            return _answered(console, action)
        _show(console, action)
        while True:
            console.print(Text(CHOICES))
            answer = _decision(console, _line(), action)
            if answer is not False:
                return answer

    return ask


def _answered(console: Console, action: dict[str, Any]) -> dict[str, Any] | None:
    """Put a question; an empty line asks again, the end of the input leaves it for later."""
    choices = [str(row) for row in action["args"]["choices"]]
    console.print(Text(plain(action["description"]), style="bold"))
    for number, choice in enumerate(choices, 1):
        console.print(Text(plain(f"  {number}. {choice}")))
    console.print(Text("Your answer ([r]eject with a reason, [q]uit and decide later):"))
    while (line := _line()) == "":
        pass
    word, _, rest = (line or "q").partition(" ")
    if word in ("q", "quit"):
        return None
    if word in ("r", "reject"):
        return _answer({"type": "reject", "message": rest})
    chosen = line or ""
    if chosen.isdecimal() and 0 < int(chosen) <= len(choices):
        chosen = choices[int(chosen) - 1]
    return _answer({"type": "respond", "message": chosen})


def _show(console: Console, action: dict[str, Any]) -> None:
    args = action["args"]
    revision = Revision(
        number=args["revision"],
        by="planner",
        plan=Plan.model_validate(args["plan"]),
        changes=tuple(Change.model_validate(row) for row in args["changes"]),
    )
    complaint = action["description"].rpartition("\n\n")[0]
    if complaint:
        console.print(plain(complaint), style="red", markup=False)
    show_plan(console, revision, Estimate.model_validate(args["estimate"]), args["finished"])


def _line() -> str | None:
    """Read an answer; None at the end of the input."""
    line = sys.stdin.readline()
    return line.strip() if line else None


def _decision(console: Console, line: str | None, action: dict[str, Any]) -> Any:
    """Return the decision, None to decide later, False to ask again."""
    if line is None:
        return None
    word, _, rest = line.partition(" ")
    match word.lower():
        case "a" | "approve" | "y" | "yes":
            return _answer({"type": "approve"})
        case "r" | "reject" | "n" | "no":
            return _answer({"type": "reject", "message": rest or _reason(console)})
        case "e" | "edit":
            edited = _edit(console, action["args"]["plan"])
            return False if edited is None else _answer(_as_edit(action["name"], edited))
        case "q" | "quit":
            return None
    return False


def _reason(console: Console) -> str:
    console.print("Why? The planner tries again with your reason; without one the run ends.")
    return _line() or ""


def _answer(decision: dict[str, Any]) -> dict[str, Any]:
    return {"decisions": [decision]}


def _as_edit(name: str, plan: dict[str, Any]) -> dict[str, Any]:
    return {"type": "edit", "edited_action": {"name": name, "args": {"plan": plan}}}


def _edit(console: Console, plan: dict[str, Any]) -> dict[str, Any] | None:
    """Open the plan in the person's editor until it is valid; None if nothing was changed."""
    text = yaml.safe_dump(plan, sort_keys=False, allow_unicode=True)
    while True:
        edited = _edited(console, text)
        if edited is None:
            console.print("Nothing was changed.")
            return None
        faults, made = _read(edited)
        if made is not None and not faults:
            return made.model_dump(mode="json", exclude_defaults=True)
        comments = [line for line in edited.splitlines() if not line.startswith("# FAULT")]
        text = "\n".join([*(f"# FAULT {plain(fault)}" for fault in faults), *comments, ""])


def _edited(console: Console, text: str) -> str | None:
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
