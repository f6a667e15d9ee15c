"""What the doors cost: the cached listing, mutations, sign-in, sessions, events; each beside the least that it needs.

It is measured on a copy of a seeded catalogue that every run makes anew, because what is measured here writes.
"""
