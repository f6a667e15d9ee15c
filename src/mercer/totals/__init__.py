"""Totals: the pure pipeline that prices a basket, line by line, with a trace. No I/O, no tables."""
