"""Pictures: uploads, checked and made anew, their sizes, and the addresses that serve them.

Owns what is in the object store under `pictures/`. Does not know what pictures show: `catalog` says which are used.
"""
