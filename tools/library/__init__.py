"""The local store of transcripts: searched, imported into, exported from."""

from cliptrail.tools.library.opening import open_library
from cliptrail.tools.library.source import LibrarySource
from cliptrail.tools.library.store import Hit, Library

__all__ = ["Hit", "Library", "LibrarySource", "open_library"]
