"""What the nodes of every pattern share: the first node, dispatch, steps, retries, wrap-up."""
