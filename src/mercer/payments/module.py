"""What payments plugs in."""

from mercer.payments import tables  # noqa: F401 — temporarily
from mercer.platform.module import Module

module = Module(name="payments")
