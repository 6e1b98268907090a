"""The command `cliptrail`: prepares this process and hands over to the app."""

import errno
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

EXIT_BROKEN_PIPE = 1
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command line in this process."""
    _open_streams()
    # The person at the command line owns the machine, so they may name any file on it.
    os.environ.setdefault("CLIPTRAIL_ANY_PATH", "true")
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        _run(_app())
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has gone; that is no fault.
        _write_no_more()
        raise SystemExit(EXIT_BROKEN_PIPE) from None
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        from cli.errors import EXIT_FAILURE

        _write_no_more()
        sys.stderr.write("Error: The output cannot be written: its disk is full. Make room.\n")
        raise SystemExit(EXIT_FAILURE) from error


def _app() -> Callable[[], None]:
    """Import the commands: not at the top of the file, for Ctrl-C may come while it takes long."""
    from cli.errors import EXIT_USAGE
    from cli.tables import plain
    from state.errors import CliptrailError
    from tools.settings import settings
    from tools.tracing import no_tracing_yet

    settings.cache_clear()
    try:
        # This builds the graphs, and so loads the user's own agents, which may be wrong.
        with no_tracing_yet():
            from cli.app import app
    except CliptrailError as error:
        sys.stderr.write(f"Error: {plain(str(error))}\n")
        raise SystemExit(EXIT_USAGE) from error
    return app


def _open_streams() -> None:
    """Open what the caller closed, so that nothing needs to ask whether it is there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - for good
            setattr(sys, name, stream)


def _run(app: Callable[[], None]) -> None:
    try:
        app()
    finally:
        sys.stdout.flush()  # here and not at the interpreter's end, where nobody could tell


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
