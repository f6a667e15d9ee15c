"""Staff whose permissions go only so far, or who lack some: each with a role made for it, and an open session."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
from tests.callers import Caller
from tests.people import BEGINNING, END

from mercer.platform.settings import Settings

NOWHERE = UUID(int=99)
"""A channel, and a warehouse, that there is not."""

_numbers = count()
_MAKE = """
    WITH staff AS (
        INSERT INTO identity.staff (id, email, email_key, name, created_at, updated_at)
        VALUES (%(id)s, %(name)s, %(name)s, %(name)s, %(at)s, %(at)s)
    ), role AS (
        INSERT INTO identity.role (code, name, permissions, bounds)
        VALUES (%(name)s, %(name)s, %(permissions)s, %(bounds)s) RETURNING id
    ), session AS (
        INSERT INTO identity.session (
            audience, staff_id, token_hash, created_at, confirmed_at, last_seen_at, expires_at, idle_expires_at
        ) VALUES ('admin', %(id)s, %(hash)s, %(at)s, %(until)s, %(until)s, %(until)s, %(until)s)
    )
    INSERT INTO identity.staff_role (staff_id, role_id) SELECT %(id)s, id FROM role
"""


def somebody(
    settings: Settings, http: httpx2.AsyncClient, *permissions: str, bounds: Mapping[str, Any] | None = None
) -> Caller:
    """A member of staff with these permissions, and with what some are limited to: `{"orders.read": in_channels(…)}`.

    He has lately shown who he is.
    """
    number = next(_numbers)
    secret = base64.urlsafe_b64encode(hashlib.sha256(f"limited {number}".encode()).digest()).decode().rstrip("=")
    token = f"mercer_admin_{secret}"
    values = {
        "id": uuid4(),
        "name": f"limited_{number}",
        "permissions": list(permissions),
        "bounds": json.dumps(bounds or {}),
        "hash": hashlib.sha256(token.encode()).digest(),
        "at": BEGINNING,
        "until": END,
    }
    assert settings.database_url is not None
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
        connection.execute(_MAKE, values)
    return Caller(http, "/admin/graphql", {"Authorization": f"Bearer {token}"})


def in_channels(*ids: str | UUID, amounts: Mapping[str, int] | None = None) -> dict[str, Any]:
    """A bound by channels, and by amounts in minor units."""
    return {"channels": [str(each) for each in ids], **({} if amounts is None else {"amounts": dict(amounts)})}


def in_warehouses(*ids: str | UUID) -> dict[str, Any]:
    """A bound by warehouses."""
    return {"warehouses": [str(each) for each in ids]}


def codes(answer: httpx2.Response) -> list[tuple[str, str]]:
    """The errors of an answer: code and message."""
    return [(each["extensions"]["code"], each["message"]) for each in answer.json().get("errors", [])]


def ids_in(found: Iterable[Mapping[str, Any]]) -> list[str]:
    return [each["id"] for each in found]
