"""Addresses of many countries: what they need, what they know, and how they are stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.callers import Caller

from mercer.cart.errors import CountryUnknown
from mercer.cart.models import GivenAddress
from mercer.cart.rules.addresses import read_address, read_addresses
from mercer.cart.rules.countries import country_of
from mercer.platform.errors import InvalidInput

US: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Byron",
    "line1": "1 Main St",
    "city": "New York",
    "region": "NY",
    "postal_code": "10001",
    "country": "US",
}
DE: dict[str, Any] = {**US, "city": "Köln", "region": None, "postal_code": "50667", "country": "DE"}

NO_CONTROL = "Neither control characters nor < and > can stand in an address."
NO_CODE = "There is no such postal code in this country or region."
NO_COUNTRY = "There is no such country (ISO 3166-1, two letters)."
NO_REGION = "This country has no such region."
NAME = "O\u2019Brien-Šmíd d'Artagnan & Söhne; DROP TABLE"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


def _faults(**given: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        read_address(GivenAddress(**given))
    return {".".join(field.path): field.message for field in refused.value.fields}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({**US}, {"region": "NY", "city": "New York", "postal_code": "10001"}),
        ({**US, "country": "us", "region": "new york"}, {"region": "NY", "country": "US"}),
        ({**US, "region": "US-NY", "postal_code": " 10001-1234 "}, {"region": "NY", "postal_code": "10001-1234"}),
        ({**DE}, {"city": "Köln", "region": None}),
        ({**DE, "country": "GB", "postal_code": "sw1a  1aa"}, {"postal_code": "SW1A 1AA"}),
        (
            {**DE, "country": "CA", "region": "Ontario", "postal_code": "k1a 0b1"},
            {"region": "ON", "postal_code": "K1A 0B1"},
        ),
        (
            {
                **DE,
                "country": "JP",
                "region": "Tokyo",
                "city": None,
                "postal_code": "\uff11\uff15\uff14-\uff10\uff10\uff12\uff13",
            },
            {"region": "東京都", "postal_code": "154-0023", "city": ""},
        ),
        ({**DE, "country": "HK", "region": "kowloon", "city": None, "postal_code": None}, {"region": "Kowloon"}),
        ({**DE, "country": "SG", "city": "Singapore", "postal_code": "546080"}, {"city": "Singapore"}),
        ({**DE, "country": "IE", "city": "Dublin", "postal_code": None}, {"postal_code": None}),
        ({**US, "phone": "(212) 555-0123"}, {"phone": "+12125550123"}),
        ({**DE, "phone": "030 123456"}, {"phone": "+4930123456"}),
        ({**DE, "phone": "+1 212 555 0123"}, {"phone": "+12125550123"}),
        ({**DE, "tax_id": "136 695 976"}, {"tax_id": "DE136695976"}),
        ({**DE, "country": "GR", "postal_code": "10431", "tax_id": "el-094259216"}, {"tax_id": "EL094259216"}),
        ({**US, "tax_id": "12-3456789"}, {"tax_id": "12-3456789"}),
        (
            {**US, "first_name": "", "company": "  ", "line2": " Floor 2 "},
            {"first_name": "", "company": None, "line2": "Floor 2"},
        ),
        ({**US, "last_name": NAME}, {"last_name": NAME}),
        ({**US, "last_name": PERSIAN}, {"last_name": PERSIAN}),
    ],
)
def test_addresses_are_stored_as_their_country_writes_them(given: Any, stored: dict[str, Any]) -> None:
    read = vars(read_address(GivenAddress(**given)))
    assert {name: read[name] for name in stored} == stored


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({**US, "country": "XX"}, {"country": NO_COUNTRY}),
        ({**US, "country": "ZZ"}, {"country": NO_COUNTRY}),
        ({**US, "country": "../x"}, {"country": NO_COUNTRY}),
        ({**US, "country": ""}, {"country": NO_COUNTRY}),
        (
            {**US, "country": "CA"},
            {
                "region": NO_REGION,
                "postalCode": NO_CODE,
            },
        ),
        ({**US, "region": "CA"}, {"postalCode": NO_CODE}),
        ({**US, "postal_code": "1000"}, {"postalCode": NO_CODE}),
        ({**US, "postal_code": "\u0661\u0662\u0663\u0664\u0665"}, {"postalCode": NO_CODE}),
        ({**DE, "country": "GB", "postal_code": "GIR 0AA x"}, {"postalCode": NO_CODE}),
        ({**DE, "region": "NRW"}, {"region": "Addresses of this country have no region."}),
        (
            {**DE, "country": "HK", "region": "Kowloon"},
            {"postalCode": "Addresses of this country have no postal code."},
        ),
        (
            {**US, "region": None, "postal_code": "", "city": " "},
            {
                "city": "Addresses of this country need a city.",
                "region": "Addresses of this country need a region.",
                "postalCode": "Addresses of this country need a postal code.",
            },
        ),
        (
            {**US, "last_name": " ", "line1": ""},
            {"lastName": "Say who lives there.", "line1": "Say which street and house."},
        ),
        ({**US, "line1": "<img src=x>"}, {"line1": NO_CONTROL}),
        ({**US, "first_name": "A\x00da", "city": "New\nYork"}, {"firstName": NO_CONTROL, "city": NO_CONTROL}),
        ({**US, "last_name": "a\u202eb", "company": "\ud800"}, {"lastName": NO_CONTROL, "company": NO_CONTROL}),
        ({**US, "line2": "x" * 201}, {"line2": "At most 200 characters."}),
        ({**US, "phone": "12"}, {"phone": "This is no telephone number."}),
        ({**US, "phone": "+1212555012345678"}, {"phone": "This is no telephone number."}),
        ({**DE, "tax_id": "136695978"}, {"taxId": "This is no VAT number of this country."}),
        ({**DE, "tax_id": "FR40303265045"}, {"taxId": "This is no VAT number of this country."}),
    ],
)
def test_what_cannot_be_an_address_is_told_field_by_field(given: Any, faults: dict[str, str]) -> None:
    assert _faults(**given) == faults


def test_faults_of_both_addresses_are_told_together() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_addresses(GivenAddress(**{**US, "city": ""}), GivenAddress(**{**DE, "phone": "x"}))
    assert {field.path for field in refused.value.fields} == {("shipping", "city"), ("billing", "phone")}


@given(st.dictionaries(st.sampled_from([*US, "company", "line2", "phone", "tax_id"]), st.text(max_size=250)))
def test_nothing_that_is_typed_is_a_fault_of_the_program(typed: dict[str, str]) -> None:
    try:
        read = read_address(GivenAddress(**{**US, **typed}))
    except InvalidInput:
        return
    for text in vars(read).values():
        assert text is None or not set(text) & {"<", ">", "\x00", "\n", "\u202e"}


def test_every_country_is_known() -> None:
    for code in ("US", "DE", "GB", "IN", "BR", "AE", "XK", "AQ", "KR", "CN"):
        assert country_of(code).format.fields
    for code in ("SU", "us", "U", "", "USA", "12"):
        with pytest.raises(CountryUnknown):
            country_of(code)


async def test_how_addresses_are_written_is_told_to_everybody(guest: Caller) -> None:
    document = """query ($country: String!) { addressFormat(country: $country) { country postalCodePattern
        postalCodeExamples regions { code name } fields { name label isRequired isUpper longest } } }"""
    found = (await guest(document, {"country": "jp"}))["addressFormat"]
    assert [field["name"] for field in found["fields"]] == [
        "postalCode",
        "region",
        "line1",
        "line2",
        "company",
        "firstName",
        "lastName",
        "phone",
        "taxId",
    ]
    assert found["regions"][0] == {"code": "北海道", "name": "Hokkaido"}
    assert (found["postalCodePattern"], found["postalCodeExamples"][0]) == ("\\d{3}-?\\d{4}", "154-0023")
    found = (await guest(document, {"country": "US"}))["addressFormat"]
    labels = {field["name"]: (field["label"], field["isRequired"]) for field in found["fields"]}
    assert (labels["region"], labels["postalCode"], labels["line2"]) == (
        ("State", True),
        ("ZIP code", True),
        ("Address, second line", False),
    )
    for unknown in ("XX", "", "x" * 1_000):
        assert (await guest(document, {"country": unknown}))["addressFormat"] is None
