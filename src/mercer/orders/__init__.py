"""Orders: what was bought, as it was then; their numbers, states and timelines.

Owns copies of everything that was agreed on. How an order comes about is `checkout`'s affair,
how it is shipped `fulfilment`'s.
"""
