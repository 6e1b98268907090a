"""The options that commands share: declared once, given to each that takes them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from cliptrail.cli.options import context_of, given_only
from cliptrail.state.context import Context

Source = Annotated[
    Literal["library", "youtube"], typer.Option("--source", help="Where videos come from.")
]
LibraryFile = Annotated[
    str,
    typer.Option("--library", metavar="FILE", help='Library file; "samples" for the bundled one.'),
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE.md", help="Where to write the guide.")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Ask YouTube again for what the library has.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Approval = Annotated[
    Literal["ask", "auto"], typer.Option("--approve", help="Ask before the plan runs, or not.")
]
BudgetUsd = Annotated[
    float | None, typer.Option("--budget-usd", min=0, help="What the run may cost, in dollars.")
]
MaxCalls = Annotated[int, typer.Option("--max-calls", min=0, help="Model calls it may make.")]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", min=0, help="Tokens it may use, in and out.")
]
MaxSteps = Annotated[
    int, typer.Option("--max-steps", min=1, max=1000, help="Steps that a plan may have.")
]
MaxRevisions = Annotated[
    int,
    typer.Option(
        "--max-revisions", min=0, max=10, help="How often a plan goes back to the planner."
    ),
]
MaxReplans = Annotated[
    int,
    typer.Option(
        "--max-replans",
        min=0,
        max=5,
        help="How often the plan may be made anew when steps fail or fall short.",
    ),
]
Validation = Annotated[
    Literal["capability", "model"],
    typer.Option(
        "--validation",
        help="Handoff: take work by capability, asking in doubt, or ask a model each time.",
    ),
]


def _max_rounds(default: str) -> Any:
    return typer.Option(
        "--max-rounds",
        min=1,
        max=100,
        help="Decisions that a pattern may take which decides as it goes.",
        show_default=default,
    )


def _max_context(default: str) -> Any:
    return typer.Option(
        "--max-context",
        min=2_000,
        max=1_000_000,
        help="Tokens of a coordinator's prompt, beyond which what is older is condensed.",
        show_default=default,
    )


MaxRounds = Annotated[int | None, _max_rounds("12")]
MaxContext = Annotated[int | None, _max_context("12000")]
Annotate = Annotated[
    bool, typer.Option("--annotate", help="Read the request in a call of its own before planning.")
]
Model = Annotated[
    str, typer.Option("--model", help='E.g. "openai:gpt-5.4-mini" or "offline:rules".')
]
Dispatch = Annotated[
    Literal["eager", "levels"], typer.Option("--dispatch", help="levels only to compare.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the trail as JSON on stdout.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show every model call.")]


@dataclass(frozen=True)
class RunOptions:
    """What the command line was given for a run; each field is an option of its own."""

    source: Source = "library"
    library: LibraryFile = ""
    fresh: Fresh = False
    output: Output = None
    overwrite: Overwrite = False
    approve: Approval = "ask"
    budget_usd: BudgetUsd = None
    max_calls: MaxCalls = 40
    max_tokens: MaxTokens = None
    max_steps: MaxSteps = 60
    max_revisions: MaxRevisions = 2
    model: Model = ""
    dispatch: Dispatch = "eager"
    as_json: AsJson = False
    verbose: Verbose = False

    def context(self, **more: Any) -> Context:
        """Return the run's Context.

        Args:
            more: what only one of the commands offers.

        Raises:
            UsageError: one of them has a value that does not fit.
        """
        given = {row.name: getattr(self, row.name) for row in fields(self)}
        named = {name: value for name, value in given.items() if name in Context.model_fields}
        return context_of(**named, approval=self.approve, **more)


OWN = "the thread's own, or {}"
"""How the help names the default of an option that a thread keeps."""


@dataclass(frozen=True)
class Overrides:
    """What a command was told to change in the options of a thread; each field is an option."""

    approve: Annotated[
        Literal["ask", "auto"] | None,
        typer.Option(
            "--approve", help="Ask before a plan runs, or not.", show_default=OWN.format("ask")
        ),
    ] = None
    budget_usd: BudgetUsd = None
    max_calls: Annotated[
        int | None,
        typer.Option(
            "--max-calls", min=0, help="Model calls it may make.", show_default=OWN.format(40)
        ),
    ] = None
    max_tokens: MaxTokens = None
    max_rounds: Annotated[int | None, _max_rounds(OWN.format(12))] = None
    max_context: Annotated[int | None, _max_context(OWN.format(12_000))] = None
    model: Model = ""

    def applied_to(self, context: Context, **more: Any) -> Context:
        """Return the options of a thread with what was given in their place.

        Args:
            context: the thread's own.
            more: what only one of the commands offers; None where it is not given.

        Raises:
            UsageError: one of them has a value that does not fit.
        """
        given = {row.name: getattr(self, row.name) for row in fields(self)}
        given |= {"approval": given.pop("approve"), "model": self.model or None, **more}
        return context_of(**{**context.model_dump(), **given_only(**given)})


def with_options(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a command that takes a dataclass of options as one that takes each of them by name.

    Typer makes a command's options from its signature, so that is where they must stand.

    Args:
        kind: the dataclass; the command has one parameter that is annotated with it.
    """
    hints = get_type_hints(kind, include_extras=True)
    named = [
        Parameter(row.name, Parameter.KEYWORD_ONLY, default=row.default, annotation=hints[row.name])
        for row in fields(kind)
    ]

    def replaced(command: Callable[..., None]) -> Callable[..., None]:
        own = signature(command, eval_str=True).parameters.values()
        (whole,) = (row.name for row in own if row.annotation is kind)
        parts = [named if row.name == whole else [row] for row in own]

        @wraps(command)
        def taking_each(**given: Any) -> None:
            options = kind(**{row.name: given.pop(row.name) for row in named})
            command(**given, **{whole: options})

        _sign(taking_each, [row for part in parts for row in part])
        return taking_each

    return replaced


def _sign(command: Any, parameters: list[Parameter]) -> None:
    command.__annotations__ = {row.name: row.annotation for row in parameters}
    command.__signature__ = Signature(parameters)
