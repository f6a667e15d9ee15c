"""The demonstration shop, and catalogues to measure with. Nothing else knows of it."""
