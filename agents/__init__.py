"""The agents that cliptrail brings: importing this registers them."""

from cliptrail.agents import ask, compose, critic, extract, join, research, search, transcript

__all__ = ["ask", "compose", "critic", "extract", "join", "research", "search", "transcript"]
