from importlib import resources
from pathlib import Path

import pytest
from tests.transfer.conftest import MAPPING

from mercer.transfer.errors import MappingInvalid
from mercer.transfer.readers.mappings import read_mapping, read_order_mapping, shipped_mappings


def refusal(path: Path, content: str) -> str:
    path.write_text(content)
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(str(path))
    return caught.value.reason


def test_shipped_mappings_are_in_order() -> None:
    assert shipped_mappings() == ["pc-parts", "plain-csv"]
    assert len(read_mapping("pc-parts").sets) == 25
    assert read_mapping("plain-csv").sku.field == "sku"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("[sku]", "[suk]"), "Object contains unknown field `suk`"),
        (('kind = "choice"', 'kind = "choices"'), "Invalid enum value 'choices' - at `$.attributes[...].kind`"),
        (('tags = "tags"', 'cost = { field = "cost", currency = "Euro" }'), "Euro is not a currency"),
        (("[[sets]]", "[sets]"), "Expected `array`, got `object` - at `$.sets`"),
        (('currency = "USD"', 'currency = "USDollar"'), "USDollar is not a currency"),
        (
            ('colour = "colour"', 'colour = "color"'),
            "field colour names the attribute color, which is not described in attributes",
        ),
        (('length = "length"', 'length = "colour"'), "the attribute colour is filled from two fields"),
        (('separator = "|"', 'elements = ["length"]'), "field uses needs one of attribute, elements, range"),
        (
            ('length = "length"', 'length = { range = ["length", "safe"] }'),
            "field length is a range, but the attribute safe is no number",
        ),
        (('channels = ["us"]', 'channels = ["us"]\ndelimiter = "--"'), "delimiter is not one character"),
        (
            ("[[sets]]", '[[sets]]\nproduct_type = { code = "thing", name = "It" }\n[[sets]]'),
            "the product type thing has two names",
        ),
        (
            ("[[stock]]", '[[prices]]\nfield = "x"\nchannel = "us"\ncurrency = "USD"\n[[stock]]'),
            "a channel has two prices",
        ),
    ],
)
def test_faulty_mappings_are_refused_with_the_reason(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    assert change[0] in MAPPING
    assert refusal(tmp_path / "mapping.toml", MAPPING.replace(*change, 1)) == reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("mapping.toml", "sets = [", "Invalid value (at end of document)"),
        ("mapping.toml", "", "Object missing required field `sets`"),
        ("mapping.toml", "sets = []", "it has no sets"),
        ("mapping.json", '{"sets": [}', "JSON is malformed: invalid character (byte 10)"),
        ("mapping.toml", "#" * 2**21, "it is larger than 1 MiB"),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, name: str, content: str, reason: str) -> None:
    assert refusal(tmp_path / name, content) == reason


def test_a_missing_mapping_names_those_shipped(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(str(tmp_path / "nope.toml"))
    assert caught.value.reason == "No such file or directory. Give a file, or one of those shipped: pc-parts, plain-csv"


def order_refusal(path: Path, content: str) -> str:
    path.write_text(content)
    with pytest.raises(MappingInvalid) as caught:
        read_order_mapping(str(path))
    return caught.value.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("[fields]", "[field]"), "Object contains unknown field `field`"),
        (('currency = "GBP"', 'currency = "Pound"'), "Pound is not a currency"),
        (('time_zone = "Europe/London"', 'time_zone = "../London"'), "../London is not a time zone"),
        (('time_zone = "Europe/London"', 'time_zone = "Moon"'), "Moon is not a time zone"),
        (('language = "en"', 'language = "?"'), "? is not a language"),
        (('source = "uci"', 'source = ""'), "source is empty"),
        (('tax_mode = "gross"', 'tax_mode = "net"\ndelimiter = ""'), "delimiter is not one character"),
        (('prefix = "C"', 'prefix = ""'), "the prefix of credits is empty"),
        (('customer = "CustomerID"', ""), "customers are described, but no field names them"),
        (("customer-{}@", "customer@"), "the customers' email has no {}"),
        (('"EIRE" = "IE"', '"EIRE" = "EIRE"'), "EIRE is not a country"),
        (("rate = 0.20", "rate = 20"), "20 is not a rate"),
        (("rate = 0.20", "rate = nan"), "NaN is not a rate"),
        (("rate = 0.20", "rate = 0.2000001"), "0.2000001 has more than 6 digits"),
        (("rate = 0.20", 'rate = 0.20\ncountries = ["XX"]'), None),
    ],
)
def test_what_does_not_fit_together_in_a_mapping_of_orders_is_told(
    tmp_path: Path, change: tuple[str, str], reason: str | None
) -> None:
    shipped = resources.files("mercer.transfer").joinpath("order_mappings", "uci-online-retail.toml").read_text()
    assert change[0] in shipped
    said = order_refusal(tmp_path / "mapping.toml", shipped.replace(*change))
    assert reason is None or said.startswith(reason)


def test_the_shipped_mapping_of_orders_is_in_order() -> None:
    assert shipped_mappings("order_mappings") == ["uci-online-retail"]
    assert read_order_mapping("uci-online-retail").currency == "GBP"
    with pytest.raises(MappingInvalid) as caught:
        read_order_mapping("pc-parts")
    assert "uci-online-retail" in caught.value.reason
