"""The command `cliptrail chat`: a conversation in the terminal, all of it on one thread."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from cliptrail.cli.approval import ask_with
from cliptrail.cli.checks import check_run
from cliptrail.cli.errors import EXIT_FAILURE, EXIT_PARTIAL, exit_on_error, sending_traces
from cliptrail.cli.execution import Ended, beginning, execute, new_thread, saved
from cliptrail.cli.options import anchored
from cliptrail.cli.output import new_file, write_file
from cliptrail.cli.run_options import OWN, Given, Verbose, with_options
from cliptrail.cli.stopping import Stopped, stoppable
from cliptrail.cli.tables import in_terminal, plain
from cliptrail.cli.trails import read_trail, show_trail
from cliptrail.cli.views import view_of
from cliptrail.graphs.registry import pattern_named, patterns
from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.state.request import Exchange, Status
from cliptrail.tools.files import read_file, trail_path
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import encodable
from cliptrail.tools.threads import Thread, Threads

DEFAULT_PATTERN = "supervisor"
HISTORY = 1_000
"""Lines that are kept."""
_MARK = re.compile(r"(?<!\\)\[\^(\d+)\]")
_NOTE = re.compile(r"^\[\^(\d+)\]:", re.MULTILINE)


@exit_on_error()
@sending_traces()
@with_options("chat")
def chat_command(
    thread: Annotated[
        str,
        typer.Argument(metavar="THREAD", help="A conversation to go on with; else a new one."),
    ] = "",
    pattern: Annotated[
        str,
        typer.Option(
            "--pattern", help="How the agents coordinate.", show_default=OWN.format(DEFAULT_PATTERN)
        ),
    ] = "",
    *,
    given: Given,
    verbose: Verbose = False,
) -> None:
    """Talk with the agents: each request goes on from what the earlier ones found.

    Requests are answered one after the other, and each writes its guide and trail as always.
    Limits hold for each request. /help names what else can be typed. In a pipe each line is a
    request.
    """
    found = Threads(settings().runs_file).find(thread) if thread else None
    context = anchored(given.context(found.context if found else None))
    name = pattern or (found.pattern if found else DEFAULT_PATTERN)
    check_run("?", name, context)
    record = found or new_thread("", name, context, "", None)
    chat = Chat(record.model_copy(update={"context": context, "pattern": name}), verbose=verbose)
    if found:
        chat.recall()
    with stoppable() as stopped, _history():
        chat.talk(stopped)
    raise typer.Exit(0 if sys.stdin.isatty() else chat.exit_code)


@dataclass
class Chat:
    """A conversation as it stands."""

    thread: Thread
    verbose: bool = False
    files: tuple[str, ...] = ()
    """What the last answer wrote."""
    statuses: list[Status] = field(default_factory=list)
    """How each request of this process ended."""

    @property
    def exit_code(self) -> int:
        """How a conversation that nobody typed ends: as its requests did."""
        if all(status == "complete" for status in self.statuses):
            return 0
        return EXIT_FAILURE if set(self.statuses) == {"failed"} else EXIT_PARTIAL

    def recall(self) -> None:
        """Return what was said before."""
        state = saved(self.thread).values
        turns: tuple[Exchange, ...] = state.get("conversation", ())
        self.files = state.get("files", ())
        for turn in turns:
            typer.echo(plain(f"{turn.request} → {turn.answer} ({turn.status})"), err=True)
        if not self.thread.ended and state:
            way = f"cliptrail resume {self.thread.thread_id}"
            typer.echo(f"The last request did not end; to end it first: {way}", err=True)

    def talk(self, stopped: Stopped) -> None:
        """Answer line after line, until there is no more or one says to quit.

        Args:
            stopped: whether the process must end.
        """
        if sys.stdin.isatty():
            typer.echo("Ask a question. /help names the commands, Ctrl-D ends.", err=True)
        try:
            while (line := self._line(stopped)) is not None:
                if self._over(line, stopped):
                    break
        finally:
            if self.thread.request:
                way = f"cliptrail chat {self.thread.thread_id}"
                typer.echo(f"Go on with this conversation: {way}", err=True)

    def _over(self, line: str, stopped: Stopped) -> bool:
        """Do what a line says as far as it can be done, and tell whether it ends the talk."""
        try:
            return self._obey(line)
        except KeyboardInterrupt:
            if stopped.for_good or not sys.stdin.isatty():
                raise  # nobody is there who would type on
            typer.echo("\nStopped. The conversation goes on.", err=True)
        except CliptrailError as error:
            typer.echo(f"Error: {plain(str(error))}", err=True)
        return False

    def _line(self, stopped: Stopped) -> str | None:
        """Read what is typed; None at the end."""
        while True:
            try:
                line = input(f"{self.thread.pattern}> " if sys.stdin.isatty() else "")
            except EOFError:
                return None
            except KeyboardInterrupt:
                if stopped.for_good or not sys.stdin.isatty():
                    raise
                typer.echo("\nCtrl-D or /quit ends the conversation.", err=True)
                continue
            if line.strip():
                return encodable(line.strip())

    def _obey(self, line: str) -> bool:
        """Do what a line says, and tell whether the conversation is over."""
        if not line.startswith("/"):
            self._ask(line)
            return False
        word, _, rest = line.partition(" ")
        if word in ("/quit", "/exit"):
            return True
        command = COMMANDS.get(word)
        if command is None:
            raise UsageError(f"There is no command {word}.", "See: /help")
        command[0](self, rest.strip())
        return False

    def _ask(self, request: str) -> None:
        view = view_of(as_json=False, verbose=self.verbose)
        ask = ask_with(Console(stderr=True))
        try:
            check_run(request, self.thread.pattern, self.thread.context)
            changed = {"request": request, "output": "", "stored": None, "status": "running"}
            self.thread = self.thread.model_copy(update=changed)
            ended = execute(self.thread, beginning(self.thread), view, ask)
        except BaseException:
            self.statuses.append("failed")
            raise
        self.thread = ended.thread
        self._show(ended)

    def _show(self, ended: Ended) -> None:
        if ended.waiting:
            self.statuses.append("partial")
            way = f"cliptrail resume {self.thread.thread_id}"
            typer.echo(f"The request waits for you; ask another one, or: {way}", err=True)
            return
        self.statuses.append(ended.state["status"])
        self.files = ended.state.get("files", ())
        if guide := self._guide():
            show_answer(read_file(guide, "").decode("utf-8", "replace"))
        for line in ended.state["message"].splitlines():
            typer.echo(plain(line))

    def _guide(self) -> Path | None:
        return next((Path(row) for row in self.files if row.endswith(".md")), None)

    def pattern(self, name: str) -> None:
        """Let the next requests be answered in another way."""
        if not name:
            typer.echo(f"{self.thread.pattern}; there are: {', '.join(patterns())}.")
            return
        self.thread = self.thread.model_copy(update={"pattern": pattern_named(name).name})

    def trail(self, _: str) -> None:
        """Show how the last answer was made."""
        written = next((Path(row) for row in self.files if row.endswith(".json")), None)
        if written is None:
            raise UsageError("There is no trail yet.", "Ask a question first.")
        show_trail(read_trail(written))

    def save(self, name: str) -> None:
        """Write the last guide, and its trail, to a file of this name too."""
        guide = self._guide()
        if guide is None:
            raise UsageError("There is no guide to save.", "Ask a question first.")
        if Path(name).suffix != ".md":
            raise UsageError("A guide is a Markdown file.", "Name it like: /save guide.md")
        target = new_file(Path(name))
        beside = new_file(trail_path(target))
        hint = "Ask the question again."
        write_file(beside, read_file(trail_path(guide), hint).decode())
        write_file(target, read_file(guide, hint).decode())
        typer.echo(f"Written: {plain(str(target))}")

    def help(self, _: str) -> None:
        """Name the commands."""
        for word, (_act, about) in COMMANDS.items():
            typer.echo(f"{word:<9} {about}")
        typer.echo("/quit     End the conversation; so does Ctrl-D. Ctrl-C stops a request.")


COMMANDS: dict[str, tuple[Callable[[Chat, str], None], str]] = {
    "/pattern": (Chat.pattern, "NAME: answer the next requests in another way."),
    "/trail": (Chat.trail, "Show how the last answer was made."),
    "/save": (Chat.save, "FILE.md: write the last guide there too, with its trail."),
    "/help": (Chat.help, "Name the commands."),
}


def show_answer(guide: str) -> None:
    """Print a guide: laid out for a person at a terminal, as it is in a pipe.

    Args:
        guide: as Markdown, with footnotes.
    """
    if not in_terminal():
        typer.echo(guide)
        return
    # Terminals know no footnotes: they become a numbered list, their addresses in full.
    listed = _MARK.sub(r"\\[\1]", _NOTE.sub(r"\n\\[\1]", guide))
    Console().print(Markdown(listed, hyperlinks=False))


@contextmanager
def _history() -> Iterator[None]:
    """Let lines be edited, and remember them from one conversation to the next."""
    if not sys.stdin.isatty():
        yield
        return
    try:
        import readline
    except ImportError:  # Windows edits lines by itself
        yield
        return
    file = settings().runs_file.parent / "chat_history"
    with suppress(OSError):  # there is none yet; a conversation can do without
        readline.read_history_file(file)
    readline.set_history_length(HISTORY)
    try:
        yield
    finally:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(file)
