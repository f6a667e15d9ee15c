"""Payments: intents, attempts, and what providers tell of them, in any order and any number of times.

Owns providers, webhooks, refunds and the queue of exceptions. It knows orders only by their ids.
"""
