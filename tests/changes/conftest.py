"""What tests of changes are given."""

from tests.checkout.stores import rush, store, store_name, store_settings

__all__ = ["rush", "store", "store_name", "store_settings"]
