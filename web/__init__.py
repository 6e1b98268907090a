"""The server: who may call it, where it keeps runs, what `langgraph.json` says of it."""
