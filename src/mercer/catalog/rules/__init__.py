"""The catalogue's decisions, without I/O."""
