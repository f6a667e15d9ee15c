"""Carts: what somebody means to buy, priced again whenever something changed.

Owns lines, addresses and choices until an order is made of them. No amount is taken from a client.
"""
