"""For tests of sources: a server that plays YouTube."""

from tests.recorded_youtube import make_settings, proxy, recorded, replay, tls

__all__ = ["make_settings", "proxy", "recorded", "replay", "tls"]
