"""Rules on what modules import from each other, and on the list of them. The rest stands in .importlinter."""

import ast
import configparser
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import grimp
from importlinter.api import read_configuration
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract
from importlinter.domain.contract import Contract
from tests.architecture.sources import ROOT, Source

PUBLIC = {"service", "models", "errors", "events"}
"""What a module shows to others."""

NO_MODULES = {"platform", "values", "modules", "app", "worker", "cli", "__main__"}
"""What stands in the order without being a module: the ground, and the ways in."""

LINTER = ROOT / ".importlinter"
CONTRACTS: Mapping[str, type[Contract]] = {"layers": LayersContract, "protected": ProtectedContract}


@cache
def graph() -> grimp.ImportGraph:
    """Who imports whom. Copy it before changing it."""
    return grimp.build_graph("mercer", include_external_packages=True, exclude_type_checking_imports=True)


def contracts() -> dict[str, Contract]:
    """The contracts of .importlinter, by their last name."""
    session = _configuration()["session_options"]
    return {
        options["id"]: CONTRACTS[options["type"]](options["name"], session, options)
        for options in _configuration()["contracts_options"]
    }


def layers() -> list[list[str]]:
    """The order of modules, lowest first; those that stand beside each other together."""
    config = configparser.ConfigParser()
    config.read(LINTER)
    lines = config["importlinter:contract:modules"]["layers"].split("\n")
    return [line.split(" | ") for line in reversed(lines) if line]


def modules() -> list[str]:
    """The modules, lowest first: all that is a folder of roles."""
    return [name for layer in layers() for name in layer if name not in NO_MODULES]


def unguarded(modules: Iterable[str], *, containers: Iterable[str]) -> list[str]:
    """Modules whose roles no contract keeps in order."""
    return sorted({f"mercer.{name}" for name in modules} - set(containers))


def guarded() -> list[str]:
    """Where the contracts of .importlinter keep an order."""
    found = [options["containers"] for options in _configuration()["contracts_options"] if "containers" in options]
    return [name for each in found for name in ([each] if isinstance(each, str) else each)]


def trespasses(graph: grimp.ImportGraph, *, modules: Iterable[str]) -> set[tuple[str, str]]:
    """Imports of what another module keeps to itself, as importer and imported."""
    kept = [name for name in sorted(graph.modules) if _place(name)[0] in modules]
    return {
        (importer, imported)
        for imported in kept
        for importer in graph.find_modules_that_directly_import(imported)
        if not _may_import(importer, imported)
    }


def out_of_order(listed: Sequence[str], *, layers: Sequence[Sequence[str]]) -> list[str]:
    """Modules that are listed before one that is below them."""
    rank = {name: depth for depth, layer in enumerate(layers) for name in layer}
    return [f"{later} stands after {earlier}" for earlier, later in pairwise(listed) if rank[later] < rank[earlier]]


def unlisted(sources: Iterable[Source], *, listed: Iterable[str]) -> list[str]:
    """Modules that have something to plug in, and are not in the list."""
    plugging = {source.path.parts[2] for source in sources if source.role == "module"} - NO_MODULES
    return sorted(plugging ^ set(listed))


def undescribed(sources: Iterable[Source], *, modules: Iterable[str]) -> list[str]:
    """Modules whose `__init__` does not say, in two sentences at least, what they own and what not; or says more."""
    inits = {source.path.parts[2]: source.tree for source in sources if source.path.parts[3:] == ("__init__.py",)}
    return [
        name
        for name in modules
        if name not in inits or (ast.get_docstring(inits[name]) or "").count(".") < 2 or len(inits[name].body) > 1
    ]


def _configuration() -> Any:
    return read_configuration(str(LINTER))


def _may_import(importer: str, imported: str) -> bool:
    (home, way), (module, role) = _place(importer), _place(imported)
    return (
        home == module
        or role in PUBLIC
        or (role == "graphql" and way in {"graphql", "module"})
        or (role == "module" and importer == "mercer.modules")
    )


def _place(dotted: str) -> tuple[str, str]:
    """`mercer.catalog.queries.search` is in `catalog`, and is one of its `queries`."""
    _, module, role, *_ = [*dotted.split("."), "", ""]
    return module, role
