"""The commands of `cliptrail threads`: list the runs on this machine, remove and prune them."""

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from cliptrail.cli.errors import EXIT_PARTIAL, confirm, exit_on_error
from cliptrail.cli.tables import plain, show_json, show_rows
from cliptrail.plans.views import counted
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Thread, Threads

DAY_S = 86_400

threads_app = typer.Typer(
    name="threads",
    help="List the runs on this machine, the last one first; remove those that are over.",
    invoke_without_command=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@threads_app.callback()
@exit_on_error()
def threads_command(context: typer.Context, as_json: AsJson = False) -> None:
    """List the runs on this machine, the last one first; remove those that are over."""
    if context.invoked_subcommand is not None:
        return
    rows = Threads(settings().runs_file).all()
    if as_json:
        show_json([row.model_dump(mode="json") for row in rows])
        return
    if not rows:
        typer.echo("There are no runs yet.", err=True)
    show_rows(("Thread", "Status", "Pattern", "When", "Request"), map(_row, rows))


@threads_app.command("remove")
@exit_on_error()
def remove(
    thread_ids: Annotated[
        list[str], typer.Argument(metavar="THREAD...", help="Ids, or how they begin.")
    ],
    yes: Yes = False,
) -> None:
    """Remove runs, whether they ended or not. Guides and trails that they wrote stay.

    Ends with 3 when one is running in another process and was kept, with 4 unless you say yes.
    """
    threads = Threads(settings().runs_file)
    rows = {row.thread_id: row for row in map(threads.find, thread_ids)}
    if not _remove(threads, list(rows.values()), yes=yes):
        raise typer.Exit(EXIT_PARTIAL)


@threads_app.command("prune")
@exit_on_error()
def prune(
    older_than: Annotated[
        float, typer.Option("--older-than", min=0, metavar="DAYS", help="Days since they changed.")
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Those that wait or were interrupted too.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Remove old runs that ended. Guides and trails that they wrote stay.

    Ends with 4, and removes none, unless you say yes.
    """
    threads = Threads(settings().runs_file)
    since = time.time() - older_than * DAY_S
    old = [row for row in threads.all() if row.updated <= since and (every or row.ended)]
    if not old:
        typer.echo("There is nothing to remove.", err=True)
        return
    _remove(threads, old, yes=yes)


def _remove(threads: Threads, rows: Sequence[Thread], *, yes: bool) -> bool:
    """Remove runs, and tell whether none had to be kept."""
    many = counted(len(rows), "run")
    if not yes:
        for row in rows:
            typer.echo(plain(" ".join(_row(row))), err=True)
        confirm(f"Remove {many}? They cannot be resumed then.")
    before = threads.size()
    removed = threads.remove([row.thread_id for row in rows])
    kept = [row.thread_id for row in rows if row.thread_id not in removed]
    if kept:
        typer.echo(f"Kept, because they are running: {', '.join(kept)}.", err=True)
    freed = threads.compact()
    space = f"{max(0, before - threads.size()) / 1e6:.1f} MB are free again."
    later = "Their space is free for new runs; the file is in use and keeps its size."
    typer.echo(f"Removed {counted(len(removed), 'run')}. {space if freed else later}")
    return not kept


def _row(row: Thread) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.updated))
    return row.thread_id, row.status, row.pattern, when, row.request
