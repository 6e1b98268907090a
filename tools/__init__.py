"""The outside world: videos, transcripts, the library, models, files."""
