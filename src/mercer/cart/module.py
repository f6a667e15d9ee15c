"""What the cart plugs in."""

from mercer.platform.module import Module

module = Module(name="cart")
