"""What variants cost: a price per variant and channel, and the listed prices that shoppers see.

Owns no tax rates and no carts.
"""
