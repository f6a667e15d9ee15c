"""A headless commerce backend."""
