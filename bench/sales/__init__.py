"""Measures a sale: carts, completions and whole purchases over HTTP, and the list of orders that staff look at."""
