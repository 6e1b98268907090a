"""What the nodes of the handoff pattern share: the board of tasks, and who gets which inputs."""
