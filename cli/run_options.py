"""The options that `research` and `run` share: declared once, given to both."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from cli.options import context_of
from state.context import Context

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
MaxRounds = Annotated[
    int | None,
    typer.Option(
        "--max-rounds",
        min=1,
        max=100,
        help="Decisions that a pattern may take which decides as it goes.",
        show_default="12",
    ),
]
MaxContext = Annotated[
    int | None,
    typer.Option(
        "--max-context",
        min=2_000,
        max=1_000_000,
        help="Tokens of a coordinator's prompt, beyond which what is older is condensed.",
        show_default="12000",
    ),
]
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
        """Give the run's Context.

        Args:
            more: what only one of the commands offers.

        Raises:
            UsageError: one of them has a value that does not fit.
        """
        given = {row.name: getattr(self, row.name) for row in fields(self)}
        named = {name: value for name, value in given.items() if name in Context.model_fields}
        return context_of(**named, approval=self.approve, **more)


def with_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes `options` as one that takes each of them by name.

    Typer makes a command's options from its signature, so that is where they must stand.
    """
    hints = get_type_hints(RunOptions, include_extras=True)
    named = [
        Parameter(row.name, Parameter.KEYWORD_ONLY, default=row.default, annotation=hints[row.name])
        for row in fields(RunOptions)
    ]
    own = signature(command, eval_str=True).parameters.values()
    parameters = [*(row for row in own if row.name != "options"), *named]

    @wraps(command)
    def taking_each(**given: Any) -> None:
        options = RunOptions(**{row.name: given.pop(row.name) for row in named})
        command(**given, options=options)

    taking_each.__annotations__ = {row.name: row.annotation for row in parameters}
    taking_each.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return taking_each
