"""The agents that cliptrail brings: importing this registers them."""

from nodes.agents import ask, compose, critic, extract, join, research, search, transcript

__all__ = ["ask", "compose", "critic", "extract", "join", "research", "search", "transcript"]
