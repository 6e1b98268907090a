"""The command `cliptrail`: prepares this process and hands over to the app."""

import codecs
import errno
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from cliptrail.cli.stopping import EXIT_INTERRUPTED, EXIT_TERMINATED

EXIT_BROKEN_PIPE = 1


def main() -> None:
    """Run the command line in this process."""
    _open_streams()
    # The person at the command line owns the machine, so they may name any file on it.
    os.environ.setdefault("CLIPTRAIL_ANY_PATH", "true")
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        _run(_app())
    except KeyboardInterrupt:
        _end_undisturbed()
        raise SystemExit(EXIT_INTERRUPTED) from None
    except SystemExit as end:
        if end.code in (EXIT_INTERRUPTED, EXIT_TERMINATED):
            _end_undisturbed()
        raise
    except BrokenPipeError:
        # The reader of our output has closed it; that is not an error.
        _write_no_more()
        raise SystemExit(EXIT_BROKEN_PIPE) from None
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        from cliptrail.cli.errors import EXIT_FAILURE

        _write_no_more()
        sys.stderr.write("Error: The output cannot be written: its disk is full. Make room.\n")
        raise SystemExit(EXIT_FAILURE) from error


def _end_undisturbed() -> None:
    """Let a second Ctrl-C or SIGTERM not change the exit code while the interpreter shuts down."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _app() -> Callable[[], None]:
    """Import the list of commands: not at the top of the file, for Ctrl-C may come meanwhile."""
    from cliptrail.cli.app import app

    return app


def _open_streams() -> None:
    """Open what the caller closed, and let no letter stop a command, whatever the encoding."""
    codecs.register_error("as_json", _as_json)
    for name, mode, errors in (
        ("stdin", "r", "replace"),
        ("stdout", "w", "as_json"),
        ("stderr", "w", "as_json"),
    ):
        stream = getattr(sys, name)
        if stream is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - for good
            setattr(sys, name, stream)
        stream.reconfigure(errors=errors)


def _as_json(error: UnicodeError) -> tuple[str, int]:
    """Return letters that an encoding lacks as JSON escapes them: so `--json` stays JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _run(app: Callable[[], None]) -> None:
    try:
        app()
    finally:
        sys.stdout.flush()  # here and not at the interpreter's end, where nobody could tell


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
