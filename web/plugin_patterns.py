"""The graphs of the user's own patterns, under their names: for the server of `cliptrail serve`."""

from cliptrail.graphs.registry import OURS, patterns

globals().update(
    {
        row.name: row.build().compile(name=row.name)
        for row in patterns().values()
        if row.name not in OURS
    }
)
