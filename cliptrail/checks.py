"""What makes a run impossible, found before anything is asked, paid for or written."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from cliptrail.graphs.registry import pattern_named
from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.errors import ModelRejected, UsageError
from cliptrail.state.request import check_length
from cliptrail.tools.library.opening import SAMPLES
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import inert
from cliptrail.tools.threads import Thread

if TYPE_CHECKING:
    from cliptrail.tools.models.catalog import Chosen


def check_run(request: str, pattern: str, context: Context) -> None:
    """Check whether a run can start. No request is made to any server.

    Args:
        request: the question.
        pattern: name of the pattern.
        context: the options of the run.

    Raises:
        UsageError: as `check_request`; or a model that cannot be used, a budget that cannot be
            kept, or a file of the user's agents that cannot be imported.
    """
    # Imported here: LangChain takes a second, and `check_request` should not wait for it.
    from cliptrail.agents.registry import agents

    check_request(request, pattern, context)
    _check_models(context)
    agents()


def check_request(request: str, pattern: str, context: Context) -> None:
    """Check what can be checked in milliseconds: all but the models.

    Raises:
        UsageError: an empty or overlong request, an unknown pattern, or a library that does not
            exist.
    """
    if not inert(request):
        raise UsageError("The request is empty.", 'Ask a question, such as "How …?"')
    check_length(request)
    pattern_named(pattern)
    if context.library not in ("", SAMPLES) and not _exists(context.library):
        raise UsageError(
            f"There is no library {context.library}.",
            f"Create it with: cliptrail library import FILES --library {context.library}",
        )


def check_resumable(thread: Thread) -> None:
    """Check whether there is anything left to do in a thread.

    Raises:
        UsageError: it is complete.
    """
    if thread.status == "complete":
        raise UsageError(f"The thread {thread.thread_id} is complete.", "Ask a new question.")


def _check_models(context: Context) -> None:
    from cliptrail.tools.models.catalog import choose, connect

    models = {choose(tier, settings(), context.model) for tier in get_args(Tier)}
    try:
        for chosen in models:
            connect(chosen, settings())
    except ModelRejected as error:
        raise UsageError(error.message, error.next_step) from error
    _check_budget(context, models)


def _check_budget(context: Context, models: Collection["Chosen"]) -> None:
    from cliptrail.tools.models.prices import price

    if context.budget_usd is not None and all(price(row, 1, 1) is None for row in models):
        names = " and ".join(sorted(map(str, models)))
        raise UsageError(
            f"The price of {names} is not known, so a budget in dollars cannot be kept.",
            "Limit calls or tokens instead (--max-calls, --max-tokens).",
        )


def _exists(name: str) -> bool:
    try:
        return Path(name).expanduser().exists()
    except (OSError, RuntimeError, ValueError) as error:  # too long, or an unknown home folder
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            f"The library {name} is not a usable file: {why}.", "Choose another one."
        ) from error
