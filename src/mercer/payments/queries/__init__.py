"""The payments' SQL for the write side."""
