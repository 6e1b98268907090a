"""A conversation in the terminal: each line is a request or a command, all on one thread."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console
from rich.markdown import Markdown

import cliptrail
from cliptrail.checks import check_run
from cliptrail.cli.errors import EXIT_FAILURE, EXIT_PARTIAL
from cliptrail.cli.execution import Showing, options_of
from cliptrail.cli.stopping import Stopped, stoppable
from cliptrail.cli.tables import in_terminal, plain
from cliptrail.cli.tracing import sending_traces
from cliptrail.cli.trails import read_trail, show_trail
from cliptrail.cli.views import view_of
from cliptrail.events import Waiting
from cliptrail.graphs.registry import pattern_named, patterns
from cliptrail.output import new_file, write_file
from cliptrail.result import Result
from cliptrail.running import saved
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.state.request import Exchange, Status
from cliptrail.tools.files import read_file, trail_path
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import encodable
from cliptrail.tools.threads import Thread

HISTORY = 1_000
"""Lines that are kept."""
_MARK = re.compile(r"(?<!\\)\[\^(\d+)\]")
_NOTE = re.compile(r"^\[\^(\d+)\]:", re.MULTILINE)


@sending_traces()
def converse(found: Thread | None, pattern: str, context: Context, *, verbose: bool) -> None:
    """Answer line after line, and end the command.

    Args:
        found: the thread to go on with; None for a new one.
        pattern: how the agents coordinate.
        context: the options of each request.
        verbose: show every model call.

    Raises:
        UsageError: no request could be run like this.
        typer.Exit: with the exit code.
    """
    check_run("?", pattern, context)
    # Each conversation writes where it is held now, not where its thread once did.
    chat = Chat(pattern, context.model_copy(update={"output_dir": ""}), verbose=verbose)
    if found:
        chat.recall(found)
    with stoppable() as stopped, _history():
        chat.talk(stopped)
    raise typer.Exit(0 if sys.stdin.isatty() else chat.exit_code)


@dataclass
class Chat:
    """A conversation as it stands."""

    pattern: str
    context: Context
    verbose: bool = False
    thread: str = ""
    """Id of its thread; empty before the first request."""
    files: tuple[Path, ...] = ()
    """What the last answer wrote."""
    statuses: list[Status] = field(default_factory=list)
    """How each request of this process ended."""

    @property
    def exit_code(self) -> int:
        """The exit code of a conversation that nobody typed: that of its requests."""
        if all(status == "complete" for status in self.statuses):
            return 0
        return EXIT_FAILURE if set(self.statuses) == {"failed"} else EXIT_PARTIAL

    def recall(self, thread: Thread) -> None:
        """Go on with a thread, and say what was asked and answered before."""
        self.thread = thread.thread_id
        state = saved(thread).values
        turns: tuple[Exchange, ...] = state.get("conversation", ())
        self.files = tuple(map(Path, state.get("files", ())))
        for turn in turns:
            typer.echo(plain(f"{turn.request} → {turn.answer} ({turn.status})"), err=True)
        if not thread.ended and state:
            way = f"cliptrail resume {self.thread}"
            typer.echo(f"The last request did not end; to end it first: {way}", err=True)

    def talk(self, stopped: Stopped) -> None:
        """Answer line after line, until the input ends or a line says to quit.

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
            if self.thread:
                way = f"cliptrail chat {self.thread}"
                typer.echo(f"Go on with this conversation: {way}", err=True)

    def _over(self, line: str, stopped: Stopped) -> bool:
        """Do what a line says as far as it can be done, and tell whether it ends the talk."""
        try:
            return self._obey(line)
        except KeyboardInterrupt:
            if stopped.for_good or not sys.stdin.isatty():
                raise  # no person is there to type on
            typer.echo("\nStopped. The conversation goes on.", err=True)
        except CliptrailError as error:
            typer.echo(f"Error: {plain(str(error))}", err=True)
        return False

    def _line(self, stopped: Stopped) -> str | None:
        """Read what is typed; None at the end."""
        while True:
            try:
                line = input(f"{self.pattern}> " if sys.stdin.isatty() else "")
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
        try:
            ended = self._answered(request)
        except BaseException:
            self.statuses.append("failed")
            raise
        self._show(ended)

    def _answered(self, request: str) -> Result | Waiting:
        options = options_of(self.context)
        items = cliptrail.astream(request, pattern=self.pattern, thread=self.thread, **options)
        view = view_of(as_json=False, verbose=self.verbose)
        showing = Showing(items, view, Console(stderr=True))
        try:
            return showing.until_end()
        finally:
            self.thread = showing.thread or self.thread

    def _show(self, ended: Result | Waiting) -> None:
        if isinstance(ended, Waiting):
            self.statuses.append("partial")
            way = f"cliptrail resume {self.thread}"
            typer.echo(f"The request waits for you; ask another one, or: {way}", err=True)
            return
        self.statuses.append(ended.status)
        self.files = ended.files
        if ended.markdown:
            show_answer(ended.markdown)
        for line in ended.message.splitlines():
            typer.echo(plain(line))

    def _file(self, suffix: str) -> Path | None:
        return next((row for row in self.files if row.suffix == suffix), None)

    def switch(self, name: str) -> None:
        """Answer the next requests with another pattern."""
        if not name:
            typer.echo(f"{self.pattern}; there are: {', '.join(patterns())}.")
            return
        self.pattern = pattern_named(name).name

    def trail(self, _: str) -> None:
        """Show how the last answer was made."""
        written = self._file(".json")
        if written is None:
            raise UsageError("There is no trail yet.", "Ask a question first.")
        show_trail(read_trail(written))

    def save(self, name: str) -> None:
        """Write the last guide, and its trail, to a file of this name too."""
        guide = self._file(".md")
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
    "/pattern": (Chat.switch, "NAME: answer the next requests in another way."),
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
