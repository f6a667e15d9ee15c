"""Shipping: zones and methods, and what a parcel of some weight and value costs.

Owns methods and their prices. What is shipped, and how it went, is known to `fulfilment`.
"""
