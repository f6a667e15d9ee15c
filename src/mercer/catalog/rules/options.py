"""Options: which values a variant has, so that no two variants of a product are alike."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from mercer.catalog.errors import OptionInUse, OptionValueNotFound, OptionValuesIncomplete, OptionValuesTaken

Combination = frozenset[UUID]
"""The values of a variant, one of each option."""


def checked_combination(
    values: Sequence[UUID], *, options: Mapping[UUID, UUID], siblings: Mapping[UUID, Combination]
) -> Combination:
    """The values that a variant is to have.

    `options` are the product's values with their option; `siblings` the values of the other variants that are sold.
    Raises `OptionValueNotFound`, `OptionValuesIncomplete`, `OptionValuesTaken`.
    """
    for place, value in enumerate(values):
        if value not in options:
            raise OptionValueNotFound(id=value).at("option_value_ids", str(place))
    if sorted(options[value] for value in values) != sorted(set(options.values())):
        raise OptionValuesIncomplete().at("option_value_ids")
    combination = frozenset(values)
    for variant, taken in siblings.items():
        if combination and taken == combination:
            raise OptionValuesTaken(variant_id=variant).at("option_value_ids")
    return combination


def check_option_is_spare(values: Sequence[UUID], combinations: Mapping[UUID, Combination]) -> None:
    """Refuse to remove an option whose values tell variants apart. Raises `OptionInUse`."""
    left = [combination - set(values) for combination in combinations.values()]
    if len(set(left)) < len(left):
        raise OptionInUse(variants=sum(not combination.isdisjoint(values) for combination in combinations.values()))
