"""Every mutation of an API, called as anybody: allowed or refused as the catalogue of permissions says.

The arguments are the least that the schema asks for, with ids that nothing has, so that an allowed call answers an
expected error or makes some small thing. A refused one is answered before anything is looked at.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import graphql
import httpx2
import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLSchema,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from tests.callers import Caller

from mercer.platform.database import Database
from mercer.platform.graphql.needs import metadata_of
from mercer.platform.permissions import ENTRY, PUBLIC, SIGNED_IN, Needs
from mercer.platform.settings import Settings

SCALARS: dict[str, Any] = {
    "String": "something",
    "Int": 1,
    "Boolean": True,
    "Decimal": "1.00",
    "DateTime": "2026-11-22T12:00:00Z",
    "Date": "2026-11-22",
    "Translations": {},
}

_TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


@dataclass(frozen=True)
class Call:
    """One root field with the least arguments that it takes."""

    name: str
    needs: Needs | None
    query: str
    variables: dict[str, Any]
    is_for_the_fresh: bool = False
    """Whether only somebody may who has just shown who he is."""


def calls(schema: GraphQLSchema, root: str = "Mutation") -> Iterator[Call]:
    """A call of each root field."""
    fields: dict[str, GraphQLField] = getattr(schema.type_map.get(root), "fields", {})
    for name, field in fields.items():
        given = {
            each: graphql.GraphQLNonNull(graphql.get_nullable_type(argument.type))
            for each, argument in field.args.items()
            if is_required_argument(argument) or (root == "Query" and each == "id")
        }
        signature = ", ".join(f"${each}: {type_}" for each, type_ in given.items())
        passed = ", ".join(f"{each}: ${each}" for each in given)
        is_leaf = graphql.is_leaf_type(graphql.get_named_type(field.type))
        query = (
            f"{'mutation' if root == 'Mutation' else 'query'} {f'({signature})' if signature else ''} {{ {name}"
            f"{f'({passed})' if passed else ''} {'' if is_leaf else '{ __typename }'} }}"
        )
        declared = metadata_of(field)
        needs: Any = declared.get("needs")
        is_for_the_fresh = getattr(declared.get("mutation"), "fresh_factor", False)
        yield Call(name, needs, query, {each: least(type_) for each, type_ in given.items()}, is_for_the_fresh)


def least(type_: Any) -> Any:
    """The least value of an input type."""
    if not is_non_null_type(type_):
        return None
    kind: Any = type_.of_type
    match kind:
        case GraphQLEnumType():
            return next(iter(kind.values))
        case GraphQLList():
            return [] if not is_non_null_type(kind.of_type) else [least(kind.of_type)]
        case GraphQLInputObjectType():
            return {name: least(each.type) for name, each in kind.fields.items() if is_required_input_field(each)}
    return str(uuid.uuid4()) if kind.name == "ID" else SCALARS[kind.name]


@dataclass(frozen=True)
class Party:
    """Somebody who calls, and what he may do."""

    name: str
    caller: Caller
    permissions: frozenset[str] = frozenset()
    is_signed_in: bool = True
    is_program: bool = False

    def may(self, call: Call) -> bool:
        """What the catalogue says. What names nothing is for nobody."""
        if call.needs in {PUBLIC, ENTRY}:
            return True
        if call.needs is SIGNED_IN:
            return self.is_signed_in and not self.is_program
        return self.is_signed_in and call.needs in self.permissions

    def refused(self, call: Call) -> tuple[int, str, str]:
        """The status, the code and the message of a refusal: it names the permission that is missing."""
        if not self.is_signed_in:
            return 401, "UNAUTHENTICATED", "Sign in to do this."
        if call.needs is SIGNED_IN:
            return 403, "FORBIDDEN", "An API key has no account of its own."
        return 403, "FORBIDDEN", f"This needs the permission {call.needs}."


def refusal(answer: httpx2.Response) -> tuple[int, str, str] | None:
    """How a request was refused; None when it was carried out."""
    if answer.status_code == httpx2.codes.OK:
        return None
    [error] = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]


async def snapshot(settings: Settings) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and which transactions wrote them: nothing can change without its changing."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    try:
        async with database.transaction() as connection:
            tables = (await connection.scalars(sa.text(_TABLES))).all()
            counted = " UNION ALL ".join(
                f"SELECT '{table}', count(*), md5(string_agg(xmin::text || ctid::text, ' ' ORDER BY ctid)) FROM {table}"
                for table in tables
            )
            return {row[0]: (row[1], row[2]) for row in await connection.execute(sa.text(counted))}
    finally:
        await database.close()


async def mismatches(party: Party, every: Iterable[Call]) -> list[str]:
    """The calls that are not answered as the catalogue says, and how they were."""
    found = []
    for call in every:
        try:
            answered = refusal(await party.caller.send(call.query, call.variables))
        except Exception as error:  # noqa: BLE001 — in tests, what nobody expected is raised
            found.append(f"{call.name}: {type(error).__name__}: {error}")
            continue
        expected = None if party.may(call) else party.refused(call)
        if answered != expected:
            found.append(f"{call.name}: {answered} instead of {expected}")
    return found
