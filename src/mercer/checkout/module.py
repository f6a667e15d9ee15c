"""What checkout plugs in."""

from mercer.platform.module import Module

module = Module(name="checkout")
