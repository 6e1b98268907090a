"""One file a pattern: wiring only. `graphs.registry` lists them."""
