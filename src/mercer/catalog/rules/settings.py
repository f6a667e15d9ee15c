"""What staff set of a product's attributes, turned into values."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from mercer.catalog.errors import AttributeUnknown, AttributeValueInvalid, NamedTwice
from mercer.catalog.models import AttributeKind, AttributeSetting, AttributeValue, Text
from mercer.catalog.rules.changes import MOST_CHOICES, at_most, merged, text_changes
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.placing import TypeAttribute
from mercer.catalog.rules.values import AttributeCells, cells_of

NOTHING = AttributeCells()
_FIELDS = ("choices", "text", "number", "boolean", "date")


def named_choices(settings: Sequence[AttributeSetting]) -> set[str]:
    """All choices that these settings name."""
    return {choice for setting in settings for choice in setting.get("choices", ())}


def cells_set(
    settings: Sequence[AttributeSetting],
    *,
    attributes: Mapping[str, TypeAttribute],
    before: Mapping[str, AttributeCells],
    faults: Faults,
) -> dict[str, AttributeCells | None]:
    """The values by the attribute's code, None where one is removed. What is wrong is noted."""
    found: dict[str, AttributeCells | None] = {}
    for place, setting in enumerate(settings):
        path, code = ("attributes", str(place)), setting["code"]
        if code in found:
            faults.note(NamedTwice(), *path, "code")
        elif (attribute := attributes.get(code)) is None:
            faults.note(AttributeUnknown(attribute=code), *path, "code")
        else:
            standing = before.get(code, NOTHING)
            found[code] = faults.check(path, _cells, setting, attribute=attribute, before=standing)
    return found


def value_set(setting: AttributeSetting, kind: AttributeKind, *, before: AttributeCells) -> AttributeValue | None:
    """The one value of a setting; None when it has none. Raises `AttributeValueInvalid`, and as texts do."""
    given = [name for name in _FIELDS if name in setting]
    if not given and "text_translations" in setting and before.text is not None:
        given = ["text"]
    if not given and "text_translations" not in setting:
        return None
    if len(given) != 1 or ("text_translations" in setting and given != ["text"]):
        raise AttributeValueInvalid(attribute=setting["code"], kind=kind)
    if given == ["text"]:
        is_html = kind is AttributeKind.RICH_TEXT
        changes = text_changes(setting["code"], is_html=is_html)(setting.get("text_translations", {}))
        text = setting.get("text", before.text) or ""
        return Text(text=text, translations=merged(before.text_translations, changes)) if text else None
    if given == ["choices"]:
        choices = at_most(MOST_CHOICES, setting["choices"])
        if kind is AttributeKind.CHOICE and len(choices) == 1:
            return choices[0]
        return list(choices) or None
    value: AttributeValue = setting[given[0]]  # type: ignore[literal-required]
    return value


def shown(cells: AttributeCells | None, codes: Mapping[UUID, str]) -> object:
    """A value as the audit shows it."""
    if cells is None:
        return None
    if cells.choices:
        return sorted(codes[choice] for choice in cells.choices)
    if cells.text is not None:
        return {"text": cells.text, "translations": cells.text_translations} if cells.text_translations else cells.text
    return next((value for value in (cells.number, cells.boolean, cells.date) if value is not None), None)


def _cells(setting: AttributeSetting, *, attribute: TypeAttribute, before: AttributeCells) -> AttributeCells | None:
    value = value_set(setting, attribute.kind, before=before)
    if value is None:
        return None
    cells = cells_of(value, attribute.kind, attribute=setting["code"], choices=attribute.choices)
    return cells._replace(choices=tuple(sorted(cells.choices)))
