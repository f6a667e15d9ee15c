"""Import and export: products from files, through a mapping that says which field is what.

Owns no data. It reads, maps, and calls the verbs of `catalog`, `pricing` and `inventory`.
"""
