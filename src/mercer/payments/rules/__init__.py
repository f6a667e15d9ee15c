"""The payments' decisions."""
