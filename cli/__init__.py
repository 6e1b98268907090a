"""The command line: commands and their views."""
