"""What is checked before anything is searched: the words of a query."""

from cliptrail.cli.tables import plain
from cliptrail.state.errors import UsageError
from cliptrail.state.media import LONGEST_QUERY


def check_query(query: str) -> None:
    """Refuse a query that nothing can be found by.

    Raises:
        UsageError: it is empty or far too long.
    """
    if not plain(query):
        raise UsageError("The query is empty.", "Enter words to look for.")
    if len(query) > LONGEST_QUERY:
        raise UsageError(
            f"The query has {len(query)} characters; {LONGEST_QUERY} are allowed.",
            "Use fewer words.",
        )
