"""What modules declare is plugged in."""

from dataclasses import dataclass, replace

from tests.architecture import plugs
from tests.architecture.verdict import obeyed

from mercer.modules import MODULES
from mercer.platform.events import Event


def test_every_mutation_is_plugged_in() -> None:
    obeyed(plugs.unplugged_mutations(MODULES), because="List its file under `mutations` in module.py.")


def test_every_job_is_plugged_in() -> None:
    obeyed(plugs.unplugged_jobs(MODULES), because="Workers know only what module.py lists under `jobs`.")


def test_facts_do_not_change() -> None:
    obeyed(
        plugs.changeable_facts(plugs.announced(MODULES)), because="An event tells what happened: nobody changes that."
    )


def test_what_is_not_plugged_in_is_found() -> None:
    bare = [
        replace(module, jobs=(), shop=replace(module.shop, mutations=()), admin=replace(module.admin, mutations=()))
        for module in MODULES
    ]

    assert "catalog: product_create" in plugs.unplugged_mutations(bare)
    assert "catalog.announce_publications" in plugs.unplugged_jobs(bare)


def test_a_fact_that_changes_is_found() -> None:
    @dataclass
    class Changeable(Event):
        """Can be changed."""

        id: int

    @dataclass(frozen=True)
    class Placed(Event):
        """Takes values by their place."""

        id: int

    assert len(plugs.changeable_facts([Changeable, Placed])) == 2
