"""Decisions on people, passwords, roles and guessing."""
