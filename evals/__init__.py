"""Measurements of whole runs, each produced by a command."""
