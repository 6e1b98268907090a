"""Where videos come from: one protocol, one file a source."""

from tools.sources.base import VideoSource

__all__ = ["VideoSource"]
