"""Products and their variants: what is sold, how it is described, and where it is published.

Owns product types with their attributes, options, categories, tags, media, slugs and translations.
Owns no prices (`pricing`) and no quantities (`inventory`).
"""
