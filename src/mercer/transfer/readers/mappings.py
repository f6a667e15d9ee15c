"""Mapping files: one's own, and those that Mercer ships."""

from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgspec

from mercer.transfer.errors import MappingInvalid
from mercer.transfer.models.mapping import Mapping
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.rules.mappings import check_mapping
from mercer.transfer.rules.order_mappings import check_order_mapping

_Mapping = TypeVar("_Mapping", Mapping, OrderMapping)

_LARGEST = 2**20
_PRODUCTS, _ORDERS = "mappings", "order_mappings"


def read_mapping(name: str) -> Mapping:
    """The mapping of products in a file, TOML or `….json`, or the shipped one of this name. Raises `MappingInvalid`."""
    mapping = _decode(name, Mapping, folder=_PRODUCTS)
    check_mapping(name, mapping)
    return mapping


def read_order_mapping(name: str) -> OrderMapping:
    """The mapping of past orders in a file, or the shipped one of this name. Raises `MappingInvalid`."""
    mapping = _decode(name, OrderMapping, folder=_ORDERS)
    check_order_mapping(name, mapping)
    return mapping


def shipped_mappings(folder: str = _PRODUCTS) -> list[str]:
    """The names of those that Mercer ships."""
    files = resources.files("mercer.transfer").joinpath(folder).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def _decode(name: str, type_: type[_Mapping], *, folder: str) -> _Mapping:
    raw = _read(name, folder)
    try:
        if name.endswith(".json"):
            return msgspec.json.decode(raw, type=type_)
        return msgspec.toml.decode(raw, type=type_)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise MappingInvalid(mapping=name, reason=str(fault)) from None


def _read(name: str, folder: str) -> bytes:
    shipped = shipped_mappings(folder)
    if name in shipped:
        return resources.files("mercer.transfer").joinpath(folder, f"{name}.toml").read_bytes()
    try:
        with Path(name).open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as fault:
        reason = f"{fault.strerror}. Give a file, or one of those shipped: {', '.join(shipped)}"
        raise MappingInvalid(mapping=name, reason=reason) from None
    if len(raw) > _LARGEST:
        raise MappingInvalid(mapping=name, reason="it is larger than 1 MiB")
    return raw
