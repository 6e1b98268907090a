"""The page's own routes, below /app/api: what the LangGraph API does not have."""
