"""Fulfilment: shipments of orders, whole or in part, with their tracking."""
