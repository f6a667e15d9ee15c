"""The taxes' SQL."""
