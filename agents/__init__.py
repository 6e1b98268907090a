"""The agents that cliptrail brings: importing this registers them."""

from cliptrail.agents import (
    ask,
    choose,
    compose,
    critic,
    extract,
    join,
    research,
    search,
    transcript,
)

__all__ = [
    "ask",
    "choose",
    "compose",
    "critic",
    "extract",
    "join",
    "research",
    "search",
    "transcript",
]
