"""Checkout: a cart becomes a paid order, in three phases that survive being interrupted at any point."""
