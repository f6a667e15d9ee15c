"""Mutations: the one door through which a shop changes."""

from mercer.platform.jobs.declaration import Transaction
from mercer.platform.rate_limits import Limit

from .declaration import Key, Mutation, mutation
from .rows import row, rows

__all__ = ["Key", "Limit", "Mutation", "Transaction", "mutation", "row", "rows"]
