"""The agents that cliptrail brings: importing this registers them."""

from nodes.agents import ask, compose, extract, search, transcript

__all__ = ["ask", "compose", "extract", "search", "transcript"]
