"""The agents that cliptrail brings: importing this registers them."""

from nodes.agents import compose, extract, search, transcript

__all__ = ["compose", "extract", "search", "transcript"]
