"""The offline engine's rules, one file a role; each registers itself when it is imported."""
