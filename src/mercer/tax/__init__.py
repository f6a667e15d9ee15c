"""Taxes: classes of goods, zones of the world, and dated rates.

Owns which rates hold where and when. What they come to is reckoned by `totals`.
"""
