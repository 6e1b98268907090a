"""The bundled library: transcripts written for cliptrail. Channels and people are invented."""
