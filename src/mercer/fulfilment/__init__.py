"""Fulfilment: shipments of orders, whole or in part, with their tracking.

Owns parcels and what is in them. What may be shipped is the order's affair, where it lies the inventory's.
"""
