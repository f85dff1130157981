"""Policy: which facts exist, how rows are written, and the pure function that judges evidence by them."""
