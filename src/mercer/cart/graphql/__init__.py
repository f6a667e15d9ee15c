"""Carts as each API shows them."""
