"""Mapping files: one's own, and those that Mercer ships."""

from importlib import resources
from pathlib import Path

import msgspec

from mercer.transfer.errors import MappingInvalid
from mercer.transfer.models.mapping import Mapping
from mercer.transfer.rules.mappings import check_mapping

_LARGEST = 2**20


def read_mapping(name: str) -> Mapping:
    """The mapping in a file, TOML or `….json`, or the shipped one of this name. Raises `MappingInvalid`."""
    raw = _read(name)
    try:
        if name.endswith(".json"):
            mapping = msgspec.json.decode(raw, type=Mapping)
        else:
            mapping = msgspec.toml.decode(raw, type=Mapping)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise MappingInvalid(mapping=name, reason=str(fault)) from None
    check_mapping(name, mapping)
    return mapping


def shipped_mappings() -> list[str]:
    """The names of those that Mercer ships."""
    files = resources.files("mercer.transfer").joinpath("mappings").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def _read(name: str) -> bytes:
    if name in shipped_mappings():
        return resources.files("mercer.transfer").joinpath("mappings", f"{name}.toml").read_bytes()
    try:
        with Path(name).open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as fault:
        shipped = ", ".join(shipped_mappings())
        reason = f"{fault.strerror}. Give a file, or one of those shipped: {shipped}"
        raise MappingInvalid(mapping=name, reason=reason) from None
    if len(raw) > _LARGEST:
        raise MappingInvalid(mapping=name, reason="it is larger than 1 MiB")
    return raw
