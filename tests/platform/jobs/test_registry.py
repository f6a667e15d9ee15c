"""What modules declare fits together, or the start stops."""

import pytest
from tests.platform.jobs.things import Forgotten, Happened, first, second

from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job
from mercer.platform.jobs.errors import JobsInvalid
from mercer.platform.jobs.registry import registry_of
from mercer.platform.module import Module
from mercer.worker import registry


def test_jobs_and_handlers_have_names() -> None:
    @job(attempts=3)
    async def tidy(_context: Context) -> None:
        """Do nothing."""

    found = registry_of([Module(name="tests", handlers={Happened: [first, second]}, jobs=[tidy])])
    assert list(found.jobs) == ["platform.tidy", "handle:platform.first", "handle:platform.second"]
    assert found.handlers == {"platform.Happened": ("handle:platform.first", "handle:platform.second")}


def test_one_function_may_handle_several_events() -> None:
    found = registry_of([Module(name="tests", handlers={Happened: [first], Forgotten: [first]})])
    assert found.handlers == {
        "platform.Happened": ("handle:platform.first",),
        "platform.Forgotten": ("handle:platform.first",),
    }


def test_one_name_for_two_functions_is_refused() -> None:
    async def tidy(_context: Context) -> None:
        """Do nothing."""

    with pytest.raises(JobsInvalid, match=r"platform\.tidy"):
        registry_of([Module(name="tests", jobs=[job()(tidy), job()(tidy)])])


def test_a_name_that_the_queue_cannot_hold_is_refused() -> None:
    async def tidy(_context: Context) -> None:
        """Do nothing."""

    tidy.__name__ = "t" * 130
    with pytest.raises(JobsInvalid, match="128 characters"):
        registry_of([Module(name="tests", jobs=[job()(tidy)])])


def test_what_mercer_declares_fits() -> None:
    assert "operations.clean_up" in registry().jobs
