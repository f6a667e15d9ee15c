"""What the simulator plugs in."""

from mercer.platform.module import Module
from mercer.simulator import jobs
from mercer.simulator.routes import simulator_routes

module = Module(name="simulator", jobs=(jobs.deliver, jobs.settle), routes=simulator_routes)
