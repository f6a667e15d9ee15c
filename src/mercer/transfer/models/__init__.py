"""The nouns of imports."""
