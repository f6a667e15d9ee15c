"""The prices' SQL for the write side."""
