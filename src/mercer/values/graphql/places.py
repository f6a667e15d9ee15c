"""Places as staff give them to both tax and shipping zones."""

import strawberry

from mercer.values.places import Area


@strawberry.input(description="A country, or a part of it: places that all that is said here is true of.")
class AreaInput:
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    region: str | None = strawberry.field(default=None, description="State or province, by its code: `NY`.")
    postal_from: str | None = strawberry.field(
        default=None, description="What postal codes begin with: `100`. Spaces, hyphens and case do not matter."
    )
    postal_to: str | None = strawberry.field(
        default=None, description="The last beginning, as long as `postalFrom`: from `100` to `102`. Null: the same."
    )


def areas_of(given: list[AreaInput]) -> list[Area]:
    """The areas that are meant."""
    return [Area(**vars(each)) for each in given]
