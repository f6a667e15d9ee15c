"""The carts' SQL for the write side."""
