"""What a person sees while a run goes on: the plan as a tree, or plain lines in a pipe."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from cliptrail.agents.registry import agents
from cliptrail.cli.plan_table import ranges
from cliptrail.cli.tables import plain
from cliptrail.plans.expansion import expand
from cliptrail.plans.views import cost_text, counted, usd_text
from cliptrail.state.events import (
    Event,
    FileWritten,
    ModelCalled,
    Moved,
    Notice,
    PlanMade,
    StepEnded,
    StepStarted,
    StepWaiting,
)
from cliptrail.state.path import Move
from cliptrail.state.plan import Instance, Plan
from cliptrail.state.steps import StepResult
from cliptrail.state.usage import ModelCall, share

MARKS = {
    "planned": ("·", "dim"),
    "waiting": ("○", "dim"),
    "running": ("●", "yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("–", "dim"),
}


class View(Protocol):
    """What shows a run to a person."""

    def tell(self, event: Event) -> None:
        """Show an event."""
        ...

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what another process showed before."""
        ...

    def live(self) -> AbstractContextManager[Any]:
        """Show what happens while the context is open."""
        ...


class LinesView:
    """Plain lines on stderr, one an event: for pipes, logs and `-v`."""

    def __init__(self, console: Console, *, verbose: bool, files: bool = True) -> None:
        """Return what happens on a console.

        Args:
            console: where to.
            verbose: every model call too.
            files: tell which files were written; not where a summary does so.
        """
        self.console = console
        self.verbose = verbose
        self.files = files
        self.rows: dict[str, Instance] = {}
        self.ended: dict[str, StepResult] = {}

    @contextmanager
    def live(self) -> Iterator[None]:
        """Nothing to open: lines come as they are told."""
        yield

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what another process told already."""
        for event in events:
            self._keep(event)

    def tell(self, event: Event) -> None:
        """Print what happened."""
        self._keep(event)
        for line in self._lines(event):
            self.console.print(Text(plain(line)), soft_wrap=True)

    def _keep(self, event: Event) -> None:
        match event:
            case PlanMade():
                self.rows = {row.id: row for row in expand(event.revision.plan, agents())}
                # What failed or was skipped may run now, and is not to be counted before.
                done = [row for row in self.ended.values() if row.status == "done"]
                self.ended = {row.id: row for row in done}
            case StepStarted():
                self.ended.pop(event.id, None)
            case StepEnded():
                self.ended[event.result.id] = event.result

    def _lines(self, event: Event) -> Iterator[str]:
        match event:
            case PlanMade():
                yield from _planned(event)
            case StepStarted() if self.verbose:
                yield f"{event.id}: started"
            case StepEnded():
                mapped = event.result.id.endswith("]")
                if self.verbose or not (mapped and event.result.status == "skipped"):
                    yield f"{event.result.id}: {_ended(event.result)}"
                yield from self._elements(event.result.id)
            case Moved():
                yield _moved(event.move)
            case ModelCalled() if self.verbose:
                yield f"model: {_called(event.call)}"
            case Notice():
                yield f"{event.where}: {event.what}"
            case FileWritten() if self.files:
                yield f"written: {event.path}"

    def _elements(self, ended: str) -> Iterator[str]:
        """When the last instance of a mapped step ends: what was skipped of it, once a reason."""
        if ended not in self.rows or not ended.endswith("]"):
            return
        step = self.rows[ended].step
        names = [row.id for row in self.rows.values() if row.step == step]
        results = [self.ended[name] for name in names if name in self.ended]
        there = [row for row in results if not row.absent]
        if len(results) < len(names):
            return
        if len(there) < len(results):
            yield f"{step}: {_there(len(there), len(results))}"
        skipped = [] if self.verbose else [row for row in there if row.status == "skipped"]
        for reason in dict.fromkeys(row.reason for row in skipped):
            alike = ranges(row.id for row in skipped if row.reason == reason)
            yield f"{', '.join(alike)}: skipped: {reason}"


class TreeView:
    """The plan as a tree in the terminal, each step's state, time and cost as it happens."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self.console = console
        self.verbose = verbose
        self.plan: Plan | None = None
        self.steps: dict[str, _Step] = {}
        self.calls: list[ModelCall] = []

    @contextmanager
    def live(self) -> Iterator[None]:
        """Draw the tree anew, some times a second, while the context is open."""
        with Live(self, console=self.console, refresh_per_second=8, transient=False):
            yield

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what another process told already: it is drawn, and not printed again."""
        for event in events:
            self._keep(event)

    def tell(self, event: Event) -> None:
        """Take in an event; the next drawing shows it."""
        self._keep(event)
        match event:
            case PlanMade():
                for change in event.revision.changes:
                    self.console.print(Text(plain(f"  {change}"), style="yellow"))
            case Moved():
                self.console.print(Text(plain(_moved(event.move)), style="dim"))
            case ModelCalled() if self.verbose:
                self.console.print(Text(plain(f"model: {_called(event.call)}"), style="dim"))
            case Notice():
                self.console.print(Text(plain(f"{event.where}: {event.what}"), style="dim"))

    def _keep(self, event: Event) -> None:
        match event:
            case PlanMade():
                self.plan, kept = event.revision.plan, set(event.finished) & set(self.steps)
                before, rows = self.steps, expand(self.plan, agents())
                self.steps = {
                    row.id: before[row.id] if row.id in kept else _Step(row) for row in rows
                }
            case StepWaiting() if event.id in self.steps:
                self.steps[event.id].wait()
            case StepStarted() if event.id in self.steps:
                self.steps[event.id].start()
            case StepEnded() if event.result.id in self.steps:
                self.steps[event.result.id].end(event.result)
            case ModelCalled():
                self.calls.append(event.call)
                if event.call.step in self.steps:
                    self.steps[event.call.step].calls.append(event.call)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the tree as it stands."""
        if self.plan is None:
            yield Text("planning …", style="dim")
            return
        yield self._tree(plain(self.plan.goal or "plan"))
        total = share(self.calls)
        tokens = total.input_tokens + total.output_tokens
        calls = counted(total.calls, "model call")
        yield Text(f"{calls}, {tokens:,} tokens, {usd_text(total.usd)}", "dim")

    def _tree(self, goal: str) -> Tree:
        """A step hangs under the one that it needs; one that needs several says which."""
        tree = Tree(Text(goal, style="bold"))
        branches: dict[str, Tree] = {}
        absent: dict[str, list[_Step]] = defaultdict(list)
        for name, step in self.steps.items():
            if step.result is not None and step.result.absent:
                absent[step.row.step].append(step)
                continue
            needs = step.row.needs
            parent = branches.get(needs[0], tree) if len(needs) == 1 else tree
            line = step.line()
            if len(needs) > 1:
                line.append(f"  after {', '.join(ranges(needs))}", style="dim")
            branches[name] = parent.add(line)
        for name, rows in absent.items():
            number = sum(step.row.step == name for step in self.steps.values())
            mark, style = MARKS["skipped"]
            tree.add(Text(f"{mark} {name}  {_there(number - len(rows), number)}", style=style))
        return tree


class _Step:
    def __init__(self, row: Instance) -> None:
        self.row = row
        self.state = "planned"
        self.began = 0.0
        self.result: StepResult | None = None
        self.calls: list[ModelCall] = []

    def wait(self) -> None:
        self.state, self.result = "waiting", None

    def start(self) -> None:
        self.state, self.result, self.began = "running", None, time.monotonic()

    def end(self, result: StepResult) -> None:
        self.state, self.result = result.status, result

    def line(self) -> Text:
        mark, style = MARKS[self.state]
        text = Text(f"{mark} {self.row.id}", style=style)
        text.append(f"  {self.row.agent}", style="dim")
        if self.result is not None and self.state != "skipped":
            text.append(f"  {self.result.seconds:.1f} s", style="dim")
        elif self.state == "running":
            text.append(f"  {time.monotonic() - self.began:.1f} s", style="yellow")
        if self.calls:
            spent = share(self.calls)
            text.append(f"  {counted(spent.calls, 'call')}, {usd_text(spent.usd)}", style="dim")
        if self.result is not None and self.result.reason:
            text.append(f"  {plain(self.result.reason)}", style=style)
        return text


def _planned(event: PlanMade) -> Iterator[str]:
    yield f"plan: revision {event.revision.number}, {_size(event)}"
    if event.revision.reason:
        yield f"  because: {event.revision.reason}"
    yield from (f"  {change}" for change in event.revision.changes)


def _moved(move: Move) -> str:
    to = f" to {', '.join(move.to)}" if move.to else ""
    why = f": {move.reason or move.intent}" if move.reason or move.intent else ""
    return f"{move.by}({move.turn}){to}{why}"


def _size(event: PlanMade) -> str:
    steps = counted(len(event.estimate.steps), "step")
    return f"{steps}, {cost_text(event.estimate.total)}, about {event.estimate.seconds:.0f} s"


def _there(there: int, planned: int) -> str:
    return f"{there} of {planned} elements were there"


def _ended(result: StepResult) -> str:
    if result.status == "done":
        short = f", but fell short: {result.reason}" if result.reason else ""
        return f"done in {result.seconds:.1f} s{short}"
    return f"{result.status}: {result.reason}"


def _called(call: ModelCall) -> str:
    where = f" for {call.step}" if call.step else ""
    tokens = f"{call.input_tokens:,} + {call.output_tokens:,} tokens"
    failed = f" — {call.error}" if call.error else ""
    return (
        f"{call.role}{where}: {call.model} ({call.tier}, {call.kind}), {tokens}, "
        f"{usd_text(call.usd)}, {call.seconds:.1f} s{failed}"
    )


def view_of(*, as_json: bool, verbose: bool) -> View:
    """Return what shows a run: a tree in a terminal, lines in a pipe or beside JSON."""
    console = Console(stderr=True)
    if console.is_terminal and not as_json:
        return TreeView(console, verbose=verbose)
    return LinesView(console, verbose=verbose, files=as_json)
