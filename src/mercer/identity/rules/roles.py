"""Roles: what they are called, and those that come with the program."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mercer.identity.errors import PermissionUnknown, RoleCodeInvalid
from mercer.identity.rules.bounds import EVERYTHING

ADMINISTRATOR = "administrator"
MOST_PERMISSIONS = 500
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST_CODE = 50


@dataclass(frozen=True)
class ReadyRole:
    """A role that comes with the program."""

    name: str
    permissions: tuple[str, ...]


_SEES_CATALOGUE = (
    "categories.read",
    "channels.read",
    "media.read",
    "prices.read",
    "product_types.read",
    "products.read",
    "shipping.read",
    "taxes.read",
)

_SEES_ORDERS = ("orders.read", "payments.read", "shipments.read")

READY_ROLES: Mapping[str, ReadyRole] = {
    ADMINISTRATOR: ReadyRole("Administrator", (EVERYTHING,)),
    "customer_support": ReadyRole(
        "Customer support",
        (
            *_SEES_CATALOGUE,
            *_SEES_ORDERS,
            "carts.read",
            "customers.manage",
            "customers.read",
            "mails.read",
            "orders.manage",
            "personal_data.read",
            "sign_ins.read",
            "stock.read",
        ),
    ),
    "merchandiser": ReadyRole(
        "Merchandiser",
        (
            *_SEES_CATALOGUE,
            "categories.manage",
            "costs.manage",
            "costs.read",
            "media.manage",
            "prices.manage",
            "product_types.manage",
            "products.manage",
            "products.publish",
            "stock.read",
        ),
    ),
    "marketer": ReadyRole("Marketer", (*_SEES_CATALOGUE, "mails.read", "media.manage", "stock.read")),
    "fulfilment": ReadyRole(
        "Fulfilment",
        (
            *_SEES_CATALOGUE,
            "orders.read",
            "personal_data.read",
            "shipments.manage",
            "shipments.read",
            "stock.manage",
            "stock.read",
        ),
    ),
    "finance": ReadyRole(
        "Finance",
        (
            *_SEES_CATALOGUE,
            *_SEES_ORDERS,
            "audit.read",
            "costs.read",
            "customers.read",
            "ledger.read",
            "payments.manage",
            "personal_data.read",
            "stock.read",
            "taxes.manage",
        ),
    ),
    "analyst": ReadyRole("Analyst", (*_SEES_CATALOGUE, "costs.read", "stock.read")),
}
"""Migrations write them. A change here needs one; a test compares."""


def check_code(code: str) -> None:
    """Raise `RoleCodeInvalid`."""
    if len(code) > _LONGEST_CODE or not _CODE.fullmatch(code):
        raise RoleCodeInvalid


def check_permissions(permissions: Collection[str], *, catalogue: Collection[str]) -> tuple[str, ...]:
    """The permissions in order, each once. Raises `PermissionUnknown`."""
    if len(permissions) > MOST_PERMISSIONS or not set(permissions) <= set(catalogue):
        raise PermissionUnknown
    return tuple(sorted(set(permissions)))
