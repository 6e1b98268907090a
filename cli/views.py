"""What a person sees while a run goes on: the plan as a tree, or plain lines in a pipe."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text
from rich.tree import Tree

from cli.tables import plain
from nodes.plans.expand import expand
from nodes.plans.views import cost_text, counted, usd_text
from nodes.registry import agents
from state.events import (
    Event,
    FileWritten,
    ModelCalled,
    Notice,
    PlanMade,
    StepEnded,
    StepStarted,
    StepWaiting,
)
from state.plan import Estimate, Instance, Plan, Revision
from state.steps import StepResult
from state.usage import ModelCall, share

MARKS = {
    "planned": ("·", "dim"),
    "waiting": ("○", "dim"),
    "running": ("●", "yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("–", "dim"),
}


class LinesView:
    """Plain lines on stderr, one an event: for pipes, logs and `-v`."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self.console = console
        self.verbose = verbose

    @contextmanager
    def live(self) -> Iterator[None]:
        """Nothing to open: lines come as they are told."""
        yield

    def tell(self, event: Event) -> None:
        """Print what happened."""
        for line in self._lines(event):
            self.console.print(Text(plain(line)), soft_wrap=True)

    def _lines(self, event: Event) -> Iterator[str]:
        match event:
            case PlanMade():
                yield f"plan: revision {event.revision.number}, {_size(event)}"
                if event.revision.reason:
                    yield f"  because: {event.revision.reason}"
                yield from (f"  {change}" for change in event.revision.changes)
            case StepStarted() if self.verbose:
                yield f"{event.id}: started"
            case StepEnded():
                yield f"{event.result.id}: {_ended(event.result)}"
            case ModelCalled() if self.verbose:
                yield f"model: {_called(event.call)}"
            case Notice():
                yield f"{event.where}: {event.what}"
            case FileWritten():
                yield f"written: {event.path}"


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

    def tell(self, event: Event) -> None:
        """Take in an event; the next drawing shows it."""
        match event:
            case PlanMade():
                self.plan, kept = event.revision.plan, set(event.finished) & set(self.steps)
                for change in event.revision.changes:
                    self.console.print(Text(plain(f"  {change}"), style="yellow"))
                before, rows = self.steps, expand(self.plan, agents())
                self.steps = {
                    row.id: before[row.id] if row.id in kept else _Step(row) for row in rows
                }
            case StepWaiting() if event.id in self.steps:
                self.steps[event.id].state = "waiting"
            case StepStarted() if event.id in self.steps:
                self.steps[event.id].start()
            case StepEnded() if event.result.id in self.steps:
                self.steps[event.result.id].end(event.result)
            case ModelCalled():
                self._called(event.call)
            case Notice():
                self.console.print(Text(plain(f"{event.where}: {event.what}"), style="dim"))

    def _called(self, call: ModelCall) -> None:
        self.calls.append(call)
        if call.step in self.steps:
            self.steps[call.step].calls.append(call)
        if self.verbose:
            self.console.print(Text(plain(f"model: {_called(call)}"), style="dim"))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the tree as it stands."""
        if self.plan is None:
            yield Text("planning …", style="dim")
            return
        tree = Tree(Text(plain(self.plan.goal or "plan"), style="bold"))
        branches: dict[str, Tree] = {}
        for name, step in self.steps.items():
            parent = branches.get(step.row.needs[-1]) if step.row.needs else None
            branches[name] = (parent or tree).add(step.line())
        yield tree
        total = share(self.calls)
        tokens = total.input_tokens + total.output_tokens
        calls = counted(total.calls, "model call")
        yield Text(f"{calls}, {tokens:,} tokens, {usd_text(total.usd)}", "dim")


class _Step:
    def __init__(self, row: Instance) -> None:
        self.row = row
        self.state = "planned"
        self.began = 0.0
        self.result: StepResult | None = None
        self.calls: list[ModelCall] = []

    def start(self) -> None:
        self.state, self.began = "running", time.monotonic()

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


def _size(event: PlanMade) -> str:
    steps = counted(len(event.estimate.steps), "step")
    return f"{steps}, {cost_text(event.estimate.total)}, about {event.estimate.seconds:.0f} s"


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


def show_plan(
    console: Console, revision: Revision, estimate: Estimate, done: Collection[str] = ()
) -> None:
    """Show a plan before it runs: who does what after what, for how much, and what changed.

    Args:
        console: where to.
        revision: of the plan.
        estimate: of what is not done.
        done: ids of the instances that are done already.
    """
    plan = revision.plan
    console.print(Text(f"Plan, revision {revision.number}: {plain(plan.goal)}", style="bold"))
    for change in revision.changes:
        console.print(Text(f"  {plain(str(change))}", style="yellow"))
    names = ("Step", "Agent", "Tier", "Estimate", "After", "What for")
    # Folded, because ids that are cut short cannot be told apart.
    table = Table(*(Column(name, overflow="fold") for name in names))
    for row in expand(plan, agents()):
        cost = estimate.steps[row.id]
        on_path = row.id in estimate.critical_path
        table.add_row(
            Text(row.id, style="bold" if on_path else ""),
            Text(row.agent),
            Text(row.tier),
            Text("done" if row.id in done else f"{cost_text(cost)}, {cost.seconds:.0f} s"),
            Text(", ".join(row.needs)),
            Text(plain(row.brief)),
        )
    console.print(table)
    console.print(
        f"In all {cost_text(estimate.total)}. Critical path (bold): about {estimate.seconds:.0f} s."
    )
