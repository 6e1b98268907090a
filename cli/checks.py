"""What is told before anything is asked, paid or written: a run or a query that cannot be."""

from collections.abc import Collection
from pathlib import Path
from typing import get_args

from cliptrail.cli.tables import plain
from cliptrail.graphs.registry import pattern_named
from cliptrail.nodes.common.begin import check_length
from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.errors import ModelRejected, UsageError
from cliptrail.state.media import LONGEST_QUERY
from cliptrail.tools.library.opening import SAMPLES
from cliptrail.tools.models.catalog import Chosen, choose, connect
from cliptrail.tools.models.prices import price
from cliptrail.tools.settings import settings


def check_query(query: str) -> None:
    """Refuse words that nothing can be searched by.

    Raises:
        UsageError: there are none, or far too many.
    """
    if not plain(query):
        raise UsageError("The query is empty.", "Give words to look for.")
    if len(query) > LONGEST_QUERY:
        raise UsageError(
            f"The query has {len(query)} characters; {LONGEST_QUERY} are allowed.",
            "Give fewer words.",
        )


def check_run(request: str, pattern: str, context: Context) -> None:
    """Return what is wrong with the options before anything is written or paid."""
    if not plain(request):
        raise UsageError("The request is empty.", 'Ask a question: cliptrail research "How …?"')
    check_length(request)
    pattern_named(pattern)
    if context.library not in ("", SAMPLES) and not _is_there(context.library):
        raise UsageError(
            f"There is no library {context.library}.",
            f"Make it with: cliptrail library import FILES --library {context.library}",
        )
    models = {choose(tier, settings(), context.model) for tier in get_args(Tier)}
    try:
        for chosen in models:
            connect(chosen, settings())
    except ModelRejected as error:
        raise UsageError(error.message, error.next_step) from error
    _check_budget(context, models)


def _check_budget(context: Context, models: Collection[Chosen]) -> None:
    if context.budget_usd is not None and all(price(row, 1, 1) is None for row in models):
        names = " and ".join(sorted(map(str, models)))
        raise UsageError(
            f"The price of {names} is not known, so a budget in dollars cannot be kept.",
            "Limit it by --max-calls or --max-tokens instead.",
        )


def _is_there(name: str) -> bool:
    try:
        return Path(name).expanduser().exists()
    except (OSError, RuntimeError, ValueError) as error:  # too long, or in nobody's home
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"The library {name} is no file: {why}.", "Name another one.") from error
