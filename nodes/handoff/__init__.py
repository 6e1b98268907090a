"""What the nodes of the handoff pattern share: the tasks, and which inputs each gets."""
