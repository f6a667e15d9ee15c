"""The orders' SQL for the write side."""
