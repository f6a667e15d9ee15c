"""Rules on what modules declare: it is plugged in, and facts stay facts."""

import dataclasses
import importlib.util
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType

from mercer.platform.events import Event
from mercer.platform.graphql.mutations.assembly import mutations_in
from mercer.platform.jobs.declaration import Job
from mercer.platform.module import Module


def unplugged_mutations(modules: Iterable[Module]) -> list[str]:
    """Mutations that a module declares in `graphql` and adds to no API."""
    found = []
    for module in modules:
        plugged = [*mutations_in((*module.shop.mutations, *module.admin.mutations))]
        declared = mutations_in(_below(f"mercer.{module.name}.graphql"))
        found += [f"{module.name}: {each.name}" for each in declared if each not in plugged]
    return found


def unplugged_jobs(modules: Iterable[Module]) -> list[str]:
    """Jobs that no worker would know."""
    return [
        job.name
        for module in modules
        for file in _below(f"mercer.{module.name}.jobs")
        for job in vars(file).values()
        if isinstance(job, Job) and job not in module.jobs
    ]


def changeable_facts(events: Iterable[type[Event]]) -> list[str]:
    """Events that are no frozen dataclasses with named fields."""
    return [
        event.name
        for event in events
        if not (dataclasses.is_dataclass(event) and event.__dataclass_params__.frozen and _takes_names_only(event))
    ]


def announced(modules: Iterable[Module]) -> list[type[Event]]:
    """All events that modules declare."""
    return [
        value
        for module in modules
        for file in _below(f"mercer.{module.name}.events")
        for value in vars(file).values()
        if isinstance(value, type) and issubclass(value, Event) and value is not Event
    ]


def _takes_names_only(event: type[Event]) -> bool:
    return all(field.kw_only for field in dataclasses.fields(event))  # type: ignore[arg-type]


def _below(name: str) -> Iterator[ModuleType]:
    """A Python module and those below it, if it exists."""
    if importlib.util.find_spec(name) is None:
        return
    module = importlib.import_module(name)
    yield module
    for each in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield from _below(f"{name}.{each.name}")
