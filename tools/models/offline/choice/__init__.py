"""What answers a request: which videos, if any, and which of their passages; weights are learned."""
