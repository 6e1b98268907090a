"""The pattern react: its node, and what one agent with tools needs."""
