"""The finishing nodes: every run ends in `save` and `summary`, whatever happened before."""

from cliptrail.nodes.finish.save import save
from cliptrail.nodes.finish.summary import summary

__all__ = ["save", "summary"]
