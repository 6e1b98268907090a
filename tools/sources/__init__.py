"""Where videos come from: one protocol, one file a source."""

from cliptrail.tools.sources.base import VideoSource

__all__ = ["VideoSource"]
