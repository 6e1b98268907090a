"""For tests of sources: a server that plays YouTube."""

from tests.recorded_youtube import make_settings, proxy, replay, tls

__all__ = ["make_settings", "proxy", "replay", "tls"]
