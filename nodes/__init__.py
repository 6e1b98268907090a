"""What the graphs' nodes do; shared by every pattern."""
