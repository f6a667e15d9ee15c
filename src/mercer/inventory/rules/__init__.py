"""What stock may be, and where it is taken from."""
