"""Who reads and draws pictures."""
