"""The stock's SQL for the write side."""
