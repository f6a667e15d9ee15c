"""Changes: what becomes of an order that is not to stay as it was placed. For now, its cancellation.

By staff, or because nobody paid it. Owns the order of steps that put stock, money and states right, and no tables.
"""
