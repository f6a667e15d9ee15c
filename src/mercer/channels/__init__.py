"""Storefronts: each channel's currency, languages, country, time zone, tax mode and origins.

Owns no products and no prices; those name a channel.
"""
