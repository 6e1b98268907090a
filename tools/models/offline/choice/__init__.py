"""What answers a request: which videos, if any, and which passages, by learned weights."""
