"""The local store of transcripts: searched, imported into, exported from."""

from tools.library.opening import open_library
from tools.library.source import LibrarySource
from tools.library.store import Hit, Library

__all__ = ["Hit", "Library", "LibrarySource", "open_library"]
