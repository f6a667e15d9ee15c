"""The catalogue of permissions: every one that the admin API names, found in its schema."""

from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema

from mercer.platform.context import Context
from mercer.platform.graphql.needs import metadata_of


@strawberry.type
class Permission:
    """Something that one may be allowed to do."""

    name: str
    fields: list[str] = strawberry.field(description="What needs it: `Mutation.productCreate`, `Query.products` …")


def permissions_of(schema: GraphQLSchema) -> dict[str, list[str]]:
    """Each permission that a schema names, with the fields that need it."""
    found: dict[str, list[str]] = {}
    for type_name, type_ in sorted(schema.type_map.items()):
        fields: dict[str, Any] = type_.fields if isinstance(type_, GraphQLObjectType) else {}
        for name, field in fields.items():
            need = metadata_of(field).get("needs")
            if isinstance(need, str):
                found.setdefault(need, []).append(f"{type_name}.{name}")
    return dict(sorted(found.items()))


async def list_permissions(info: strawberry.Info[Context, None], first: int = 500) -> list[Permission]:
    schema = info._raw_info.schema  # noqa: SLF001 — graphql-core's own
    every = permissions_of(schema).items()
    return [Permission(name=name, fields=fields) for name, fields in list(every)[: max(first, 0)]]
