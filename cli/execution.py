"""Runs a request through the public API, shows it to a person, and puts its questions to them."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

import cliptrail
from cliptrail.agents.registry import agents
from cliptrail.blocking import reading
from cliptrail.cli.approval import ask
from cliptrail.cli.errors import EXIT_FAILURE, EXIT_PARTIAL
from cliptrail.cli.stopping import stoppable
from cliptrail.cli.tables import plain
from cliptrail.cli.tracing import sending_traces
from cliptrail.cli.views import View, view_of
from cliptrail.events import Approval, Question, Started, Waiting
from cliptrail.options import Options
from cliptrail.plans.validation import validate
from cliptrail.plans.views import counted
from cliptrail.result import Result
from cliptrail.running import Item
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import Plan, StoredPlan

Items = AsyncGenerator[Item, None]
EXIT_BY_STATUS = {"complete": 0, "partial": EXIT_PARTIAL, "failed": EXIT_FAILURE}


@sending_traces()
def research(
    request: str,
    context: Context,
    output: Path | None,
    *,
    pattern: str = "",
    thread: str = "",
    plan: StoredPlan | None = None,
    as_json: bool,
    verbose: bool,
) -> None:
    """Run a request, or go on with a thread, and end the command with the exit code of its status.

    Args:
        request: the question; empty to go on with a thread.
        context: the options of the run.
        output: where the guide goes; None to name it after the request.
        pattern: how the agents coordinate; empty for the thread's own.
        thread: id of the thread to go on with; empty for a new one.
        plan: a stored plan to carry out.
        as_json: print the trail as JSON.
        verbose: show every model call.

    Raises:
        CliptrailError: the run cannot start, or cannot be saved.
        typer.Exit: with the exit code.
    """
    items = cliptrail.astream(
        request, pattern=pattern, thread=thread, output=output, plan=plan, **options_of(context)
    )
    showing = Showing(items, view_of(as_json=as_json, verbose=verbose), Console(stderr=True))
    with stoppable():
        try:
            ended = showing.until_end()
        except KeyboardInterrupt:
            if showing.thread:
                typer.echo(f"\nStopped. Go on with: cliptrail resume {showing.thread}", err=True)
            raise
    _finish(ended, as_json=as_json)


def options_of(context: Context) -> Options:
    """Return options as keyword arguments of the public functions."""
    return dict(context)  # type: ignore[return-value]


class Showing:
    """Shows a run to a person as it goes on, and puts its questions to them."""

    def __init__(self, items: Items, view: View, console: Console) -> None:
        """Begin to show a run.

        Args:
            items: what `cliptrail.astream` yields; closed in the end.
            view: shows the events; it is put away while a question is asked.
            console: where questions are asked.
        """
        self.items = items
        self.view = view
        self.console = console
        self.thread = ""
        """Id of its thread; empty before it has started."""

    def until_end(self) -> Result | Waiting:
        """Show the run until it ends, and return how.

        Questions are asked while the loop stands still: so Ctrl-C ends the reading of an answer.
        """
        with reading(self.items) as run:
            run(self._start())
            item, goes_on = run(self._until_question()), True
            while isinstance(item, Approval | Question):
                ask(self.console, item)
                goes_on = goes_on and item.decision is not None
                more = goes_on and not item.following
                item = run(self._until_question() if more else self._next())
        return item

    async def _start(self) -> None:
        """Wait until the run is recorded: what is shown from then on can be resumed."""
        started = await anext(self.items)
        assert isinstance(started, Started)
        self.thread = started.thread
        self.view.recall(started.earlier)

    async def _until_question(self) -> Result | Waiting | Approval | Question:
        with self.view.live():
            return await self._next()

    async def _next(self) -> Result | Waiting | Approval | Question:
        async for item in self.items:
            if isinstance(item, Result | Waiting | Approval | Question):
                return item
            assert not isinstance(item, Started)
            self.view.tell(item)
        raise AssertionError("A run ends with a result, or waits.")


def _finish(ended: Result | Waiting, *, as_json: bool) -> None:
    """Print the result, and end with the exit code of the run's status."""
    if isinstance(ended, Waiting):
        way = f"cliptrail resume {ended.thread}"
        typer.echo(f"The run waits for you. Go on with: {way}", err=True)
        raise typer.Exit(EXIT_PARTIAL)
    if as_json:
        sys.stdout.write(ended.trail.model_dump_json(indent=1) + "\n")
    else:
        for line in ended.message.splitlines():
            Console().print(Text(plain(line)), soft_wrap=True)
    raise typer.Exit(EXIT_BY_STATUS[ended.status])


def check_plan(file: Path, plan: Plan, context: Context) -> None:
    """Check a stored plan, and name every fault.

    Raises:
        UsageError: it has faults.
    """
    faults = validate(plan, agents(), max_steps=context.max_steps)
    for fault in faults:
        typer.echo(f"  {plain(str(fault))}", err=True)
    if faults:
        many = counted(len(faults), "fault")
        raise UsageError(f"{file} has {many}, named above.", "Fix the file and run it again.")
