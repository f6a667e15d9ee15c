"""Those who call in tests: a member of staff for each ready role, and two customers, each with an open session.

They stand in the template, so in every database. Their tokens never change: a test that revokes, blocks or demotes
somebody makes people of its own (`tests/identity/people.py`).
"""

import base64
import hashlib
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg

ROLES = ("administrator", "customer_support", "merchandiser", "marketer", "fulfilment", "finance", "analyst")
CUSTOMERS = ("customer", "other_customer")
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
END = datetime(2100, 1, 1, tzinfo=UTC)

_STAFF = """
    INSERT INTO identity.staff (id, email, email_key, name, password_hash, created_at, updated_at)
    VALUES (%(id)s, %(email)s, %(email)s, %(name)s, %(password)s, %(at)s, %(at)s)
"""
_ROLE = "INSERT INTO identity.staff_role SELECT %(id)s, id FROM identity.role WHERE code = %(name)s"
_CUSTOMER = """
    INSERT INTO identity.customer (id, email, email_key, name, language, email_verified_at, created_at, updated_at)
    VALUES (%(id)s, %(email)s, %(email)s, %(name)s, 'en', %(at)s, %(at)s, %(at)s)
"""
_NO_PASSWORD = "$argon2id$v=19$m=8,t=1,p=1$bm9ib2R5J3Mgc2FsdA$aQSSI4TyXkUfrH9PkJ8ZbX1hlm0rJ2cHJ0hF4n3lPqU"
"""Of a password that nobody knows."""

_SESSION = """
    INSERT INTO identity.session (
        id, audience, customer_id, staff_id, token_hash, created_at, confirmed_at, last_seen_at, expires_at,
        idle_expires_at
    ) VALUES (
        %(session)s, %(audience)s, %(customer)s, %(staff)s, %(hash)s, %(at)s, %(until)s, %(until)s, %(until)s, %(until)s
    )
"""


def person_id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def token(name: str) -> str:
    """What somebody of these shows to be let in: to the shop a customer, to the admin API a role's member of staff."""
    secret = base64.urlsafe_b64encode(hashlib.sha256(f"a test's {name}".encode()).digest()).decode().rstrip("=")
    return f"mercer_{'shop' if name in CUSTOMERS else 'admin'}_{secret}"


def authorization(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(name)}"}


def insert_people(database_url: str) -> None:
    """Put them into a migrated database. They were last seen in its future, so that no request notes it again."""
    with psycopg.connect(database_url) as connection:
        for name in (*ROLES, *CUSTOMERS):
            is_staff = name in ROLES
            values = {
                "id": person_id(name),
                "email": f"{name}@example.com",
                "name": name,
                "at": BEGINNING,
                "until": END,
                "session": person_id(f"{name}'s session"),
                "audience": "admin" if is_staff else "shop",
                "customer": None if is_staff else person_id(name),
                "staff": person_id(name) if is_staff else None,
                "password": _NO_PASSWORD,
                "hash": hashlib.sha256(token(name).encode()).digest(),
            }
            connection.execute(_STAFF if is_staff else _CUSTOMER, values)
            if is_staff:
                connection.execute(_ROLE, values)
            connection.execute(_SESSION, values)
