"""Shipping's SQL."""
