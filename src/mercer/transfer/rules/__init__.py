"""What a row means, without I/O."""
