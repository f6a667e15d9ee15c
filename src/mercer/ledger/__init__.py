"""The ledger: every movement of money as balanced entries, which the database refuses when they are not.

Owns accounts, transactions and entries. It knows orders only by their ids; who moves money posts it.
"""
