"""How addresses of each country are written."""

from typing import Any

import strawberry

from mercer.cart import models, service


@strawberry.type(description="A state or province that an address can name, by its code or by its name.")
class AddressRegion:
    code: str
    name: str


@strawberry.type(description="A field of a country's addresses.")
class AddressField:
    name: str = strawberry.field(description="As inputs name it: `postalCode`.")
    label: str = strawberry.field(description="What people there call it, in English: `ZIP code`.")
    is_required: bool
    is_upper: bool = strawberry.field(
        description="Whether the post wants it in capitals. Labels write it so; it is stored as it is given."
    )
    longest: int = strawberry.field(description="How many characters it may have.")


def list_fields(root: Any, first: int = 20) -> list[AddressField]:
    return [AddressField(**vars(each)) for each in root.format.fields[: max(first, 0)]]


def list_regions(root: Any, first: int = 200) -> list[AddressRegion]:
    return [AddressRegion(code=each.code, name=each.name) for each in root.format.regions[: max(first, 0)]]


@strawberry.type(description="How addresses of a country are written.")
class AddressFormat:
    format: strawberry.Private[models.AddressFormat]
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    fields: list[AddressField] = strawberry.field(
        resolver=list_fields, description="In the order in which people there write them."
    )
    regions: list[AddressRegion] = strawberry.field(
        resolver=list_regions, description="Empty: there are none, or they are not known."
    )
    postal_code_pattern: str | None = strawberry.field(
        description="A regular expression that every postal code matches as a whole, in capitals."
    )
    postal_code_examples: list[str]


def find_format(country: str) -> AddressFormat | None:
    found = service.find_address_format(country=country)
    if found is None:
        return None
    return AddressFormat(
        format=found,
        country=found.country,
        postal_code_pattern=found.postal_code_pattern,
        postal_code_examples=list(found.postal_code_examples),
    )
