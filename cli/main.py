"""The command `cliptrail`: prepares this process and hands over to the app."""

import logging
import os
import sys

from cli.errors import EXIT_USAGE
from cli.tables import plain
from state.errors import CliptrailError
from tools.settings import settings


def main() -> None:
    """Run the command line in this process."""
    # The person at the command line owns the machine, so they may name any file on it.
    os.environ.setdefault("CLIPTRAIL_ANY_PATH", "true")
    settings.cache_clear()
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        # Importing builds the graphs, and so loads the user's own agents, which may be wrong.
        from cli.app import app
    except CliptrailError as error:
        sys.stderr.write(f"Error: {plain(str(error))}\n")
        raise SystemExit(EXIT_USAGE) from error
    try:
        app()
    except BrokenPipeError:
        # Whoever read our output has gone; that is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
