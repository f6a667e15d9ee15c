"""What the simulator plugs in."""

from mercer.platform.module import Module
from mercer.simulator import tables  # noqa: F401 — temporarily

module = Module(name="simulator")
