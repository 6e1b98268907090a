"""The nodes of the planner pattern: planning, and a person's approval."""
