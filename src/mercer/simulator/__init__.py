"""A simulated payment provider with an HTTP side of its own, for development and tests. Never in production.

Owns payments as a provider would keep them, and its webhooks. The shop speaks to it only by HTTP. A payment's token
says what it does: `models.Behaviour` is the table.
"""
