"""Checkout: a cart becomes a paid order, in three phases that survive being interrupted at any point.

Owns the way from one to the other, and no tables: the cart, the order, the payment and the stock keep their own.
"""
