"""What orders may do, and what opens them."""
