"""What flows through every graph: typed, frozen, serialisable. Imports nothing of ours."""
