"""Answers that are kept, and how they are outdated."""
