"""One file a role; each renders the messages of that role."""
