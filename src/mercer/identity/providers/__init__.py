"""What others' libraries do for identity."""
