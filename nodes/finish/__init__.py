"""The finishing nodes: every run of every pattern ends in `save` and `summary`, whatever happened."""

from cliptrail.nodes.finish.save import save
from cliptrail.nodes.finish.summary import summary

__all__ = ["save", "summary"]
