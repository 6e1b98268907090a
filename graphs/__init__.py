"""One file a pattern: wiring only. `cliptrail.graphs.registry` lists them."""
