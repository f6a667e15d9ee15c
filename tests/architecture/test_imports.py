"""Who imports whom, the list of modules, and what each says of itself."""

import copy

import pytest
from tests.architecture import imports
from tests.architecture.sources import sample, sources
from tests.architecture.verdict import obeyed

from mercer.modules import MODULES

CODE = sources("src")
NAMES = imports.modules()
LISTED = [module.name for module in MODULES]


@pytest.mark.parametrize("name", imports.contracts())
def test_contracts_are_kept(name: str) -> None:
    assert imports.contracts()[name].check(copy.deepcopy(imports.graph()), verbose=False).kept, (
        "`make imports` says why."
    )


@pytest.mark.parametrize(
    ("name", "importer", "imported"),
    [
        ("modules", "mercer.platform.database", "mercer.channels.models"),
        ("modules", "mercer.values.currency", "mercer.channels.models"),
        ("modules", "mercer.channels.service", "mercer.catalog.service"),
        ("modules", "mercer.catalog.graphql.shop", "mercer.pricing.graphql.shop"),
        ("modules", "mercer.pricing.service", "mercer.inventory.service"),
        ("modules", "mercer.inventory.service", "mercer.pricing.service"),
        ("modules", "mercer.catalog.service.products", "mercer.modules"),
        ("modules", "mercer.app", "mercer.cli.terminal"),
        ("roles", "mercer.catalog.rules.placing", "mercer.catalog.queries.lookups"),
        ("roles", "mercer.catalog.models", "mercer.catalog.tables"),
        ("roles", "mercer.catalog.queries.lookups", "mercer.catalog.service.products"),
        ("roles", "mercer.catalog.service.products", "mercer.catalog.graphql.shop"),
        ("roles", "mercer.pricing.errors", "mercer.pricing.models"),
        ("roles", "mercer.transfer.rules.values", "mercer.transfer.readers.sources"),
        ("demo", "mercer.demo.models", "mercer.demo.service"),
        ("sql", "mercer.catalog.service.products", "sqlalchemy"),
        ("sql", "mercer.catalog.rules.placing", "sqlalchemy"),
        ("sql", "mercer.cli.migrate", "sqlalchemy"),
        ("driver", "mercer.catalog.queries.lookups", "psycopg"),
        ("graphql", "mercer.catalog.models", "strawberry"),
        ("graphql", "mercer.catalog.service.products", "graphql"),
        ("cache", "mercer.channels.service", "redis"),
    ],
)
def test_an_import_against_a_contract_is_seen(name: str, importer: str, imported: str) -> None:
    graph = copy.deepcopy(imports.graph())
    assert {importer, imported} <= graph.modules
    graph.add_import(importer=importer, imported=imported)
    assert not imports.contracts()[name].check(graph, verbose=False).kept


@pytest.mark.parametrize(("name", "module"), [("modules", "mercer.loyalty"), ("roles", "mercer.catalog.gadgets")])
def test_what_has_no_place_in_the_order_is_seen(name: str, module: str) -> None:
    graph = copy.deepcopy(imports.graph())
    graph.add_module(module)
    assert not imports.contracts()[name].check(graph, verbose=False).kept


def test_contracts_keep_order_in_every_module() -> None:
    obeyed(imports.unguarded(NAMES, containers=imports.guarded()), because="Add it to the contract `roles`.")


def test_a_module_without_order_is_seen() -> None:
    assert imports.unguarded(["catalog", "loyalty"], containers=["mercer", "mercer.catalog"]) == ["mercer.loyalty"]


def test_modules_use_what_others_show() -> None:
    assert imports.trespasses(imports.graph(), modules=NAMES) == set(), (
        "Only service, models, errors and events are for others, and graphql for their graphql. The rest may change."
    )


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("mercer.pricing.queries", "mercer.catalog.tables"),
        ("mercer.pricing.service", "mercer.catalog.queries.lookups"),
        ("mercer.pricing.rules", "mercer.catalog.rules.texts"),
        ("mercer.pricing.service", "mercer.catalog.graphql.shop"),
        ("mercer.pricing.graphql.shop", "mercer.catalog.tables"),
        ("mercer.pricing.module", "mercer.catalog.module"),
        ("mercer.cli.seed", "mercer.demo.content"),
    ],
)
def test_a_trespass_is_seen(importer: str, imported: str) -> None:
    graph = copy.deepcopy(imports.graph())
    assert {importer, imported} <= graph.modules
    graph.add_import(importer=importer, imported=imported)
    assert imports.trespasses(graph, modules=NAMES) == {(importer, imported)}


def test_the_list_of_modules_follows_the_order() -> None:
    obeyed(imports.out_of_order(LISTED, layers=imports.layers()), because="modules.py is read from the lowest upwards.")


def test_a_list_out_of_order_is_seen() -> None:
    layers = [["channels"], ["catalog"], ["inventory", "pricing"]]
    assert imports.out_of_order(["channels", "pricing", "inventory"], layers=layers) == []
    assert imports.out_of_order(["channels", "pricing", "catalog"], layers=layers) == ["catalog stands after pricing"]


def test_the_list_has_every_module_that_plugs_in() -> None:
    obeyed(imports.unlisted(CODE, listed=LISTED), because="A module that is not in modules.py is not in the program.")


def test_a_module_missing_from_the_list_is_seen() -> None:
    code = [sample("", path=f"src/mercer/{name}/module.py") for name in ("catalog", "loyalty", "platform")]
    assert imports.unlisted(code, listed=["catalog", "gone"]) == ["gone", "loyalty"]


def test_modules_say_what_they_own() -> None:
    obeyed(
        imports.undescribed(CODE, modules=NAMES),
        because="It is read first: it says what the module owns and what it does not, and does nothing else.",
    )


def test_a_module_that_does_not_say_what_it_owns_is_seen() -> None:
    texts = {
        "fine": '"""Carts. Owns no prices."""',
        "silent": "",
        "short": '"""Carts."""',
        "busy": '"""Carts. Owns no prices."""\nfrom mercer.cart import service',
    }
    code = [sample(text, path=f"src/mercer/{name}/__init__.py") for name, text in texts.items()]
    assert imports.undescribed(code, modules=[*texts, "absent"]) == ["silent", "short", "busy", "absent"]
