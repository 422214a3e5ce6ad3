"""Everything at once on 127.0.0.1, with data to look at: what `make run` starts."""
