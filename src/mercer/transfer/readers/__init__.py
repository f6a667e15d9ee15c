"""Files as rows, one at a time: CSV, lines of JSON, an array of JSON, and archives of these."""

from collections.abc import Iterator, Sequence

from mercer.transfer.models.mapping import Mapping, SetRule
from mercer.transfer.models.rows import RejectedRow, Row
from mercer.transfer.readers.arrays import read_array
from mercer.transfer.readers.delimited import read_delimited
from mercer.transfer.readers.lines import read_json_lines
from mercer.transfer.readers.sources import Form, Source, form_of, sources_of

__all__ = ["Source", "named_fields", "read_rows", "sources_of"]


def read_rows(source: Source, *, delimiter: str | None, columns: Sequence[str]) -> Iterator[Row | RejectedRow]:
    """The source's rows, with those that cannot be read as rejected ones among them. Of CSV, `columns` must be there.

    Raises what makes the rest unreadable: `FileEmpty`, `FileNotText`, `EncodingUnknown`, `HeaderInvalid`,
    `ColumnMissing`, `JsonMalformed`, `ArchiveRefused`, `FileUnreadable`.
    """
    with source.open() as stream:
        match form_of(source, stream):
            case Form.ARRAY:
                yield from read_array(source.name, stream)
            case Form.LINES:
                yield from read_json_lines(source.name, stream)
            case Form.DELIMITED:
                yield from read_delimited(source.name, stream, delimiter=delimiter, columns=columns)


def named_fields(mapping: Mapping, rule: SetRule) -> list[str]:
    """The fields that the mapping reads from the rows of a set."""
    product = mapping.product
    named = [
        mapping.sku.field,
        product.name,
        product.slug,
        product.description,
        product.category,
        product.barcode,
        product.weight_grams,
        None if product.cost is None else product.cost.field,
        product.tags,
        *(price.field for price in mapping.prices),
        *(price.before_field for price in mapping.prices),
        *(stock.field for stock in mapping.stock),
        *rule.attributes,
    ]
    return list(dict.fromkeys(name for name in named if name is not None))
