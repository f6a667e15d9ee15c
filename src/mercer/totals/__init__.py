"""Totals: the pure pipeline that prices a basket, line by line, with a trace.

Owns the steps and how amounts are rounded. It has no tables and does no I/O: who prices brings everything.
"""
