"""The catalogue's SQL for the write side: rows are staged, then single statements take them to their tables."""
