import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.shop import mug

from mercer.catalog import errors
from mercer.catalog.models import AttributeKind, Media, Option, OptionValue, Publication, Text, Variant
from mercer.catalog.rules.checks import checked_barcode, checked_product
from mercer.catalog.rules.slugs import choose_slug, is_slug
from mercer.catalog.rules.texts import checked_html, search_configuration, translated
from mercer.catalog.rules.trees import check_tree
from mercer.catalog.rules.values import AttributeCells, cells_of
from mercer.platform.errors import DomainError

RED, BLUE = UUID(int=1), UUID(int=2)
CHOICES = {"red": RED, "blue": BLUE}
K = AttributeKind


@pytest.mark.parametrize(
    ("barcode", "digits"),
    [
        ("4006381333931", "4006381333931"),
        ("4006-3813 33931", "4006381333931"),
        ("96385074", "96385074"),
        ("036000291452", "036000291452"),
        ("10036000291459", "10036000291459"),
    ],
)
def test_barcodes_are_kept_as_digits(barcode: str, digits: str) -> None:
    assert checked_barcode(barcode) == digits


@pytest.mark.parametrize(
    "barcode", ["4006381333932", "", "123", "40063813339312", "400638133393a", "\u0664006381333931", "0" * 100]
)
def test_wrong_barcodes_are_refused(barcode: str) -> None:
    with pytest.raises(errors.BarcodeInvalid):
        checked_barcode(barcode)


@pytest.mark.parametrize(
    ("slug", "is_right"),
    [
        ("mug", True),
        ("mug-2", True),
        ("Mug", False),
        ("mug--2", False),
        ("-mug", False),
        ("", False),
        ("a" * 201, False),
    ],
)
def test_slugs_have_one_form(slug: str, is_right: bool) -> None:  # noqa: FBT001
    assert is_slug(slug) is is_right


def test_the_first_of_a_name_gets_the_plain_slug() -> None:
    assert choose_slug("Steel Mug", key="A", taken=()) == "steel-mug"
    assert choose_slug("Steel Mug", key="B", taken={"steel-mug"}) == "steel-mug-df7e70"
    assert choose_slug("Steel Mug", key="B", taken={"steel-mug", "steel-mug-df7e70"}) == "steel-mug-df7e70e50215"


@given(
    st.lists(st.tuples(st.sampled_from(["Mug", "mug", "MÜG", "", "日本", "a b"]), st.text()), unique_by=lambda p: p[1])
)
def test_slugs_are_unique_and_the_same_again(things: list[tuple[str, str]]) -> None:
    def slugs() -> list[str]:
        taken: set[str] = set()
        for name, key in things:
            slug = choose_slug(name, key=key, taken=taken)
            assert slug is not None
            taken.add(slug)
        return sorted(taken)

    assert len(slugs()) == len(things)
    assert all(map(is_slug, slugs()))
    assert slugs() == slugs()


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>Keeps <b>warm</b>.</p>", "<p>Keeps <b>warm</b>.</p>"),
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ('<img src="x" onerror="alert(1)">', '<img src="x">'),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ("  ", ""),
    ],
)
def test_rich_text_does_no_harm(html: str, clean: str) -> None:
    assert checked_html(html, "description") == clean
    assert checked_html(clean, "description") == clean


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"variants": []}, errors.VariantsMissing()),
        ({"name": "  "}, errors.TextMissing(field="name")),
        ({"name": "a" * 501}, errors.TextTooLong(field="name", longest=500)),
        ({"name": "a\0b"}, errors.TextInvalid(field="name")),
        ({"name": "a\ud800"}, errors.TextInvalid(field="name")),
        ({"description": "a\0b"}, errors.TextInvalid(field="description")),
        ({"name_translations": {"german": "Becher"}}, errors.LanguageInvalid(language="german")),
        ({"slug": "Steel Mug"}, errors.SlugInvalid(slug="Steel Mug")),
        ({"variants": [Variant(sku=" A")]}, errors.SkuInvalid(sku=" A")),
        ({"variants": [Variant(sku="")]}, errors.SkuInvalid(sku="")),
        ({"variants": [Variant(sku="A\0")]}, errors.SkuInvalid(sku="A\0")),
        ({"variants": [Variant(sku="A" * 65)]}, errors.SkuInvalid(sku="A" * 64)),
        ({"variants": [Variant(sku="A", barcode="1")]}, errors.BarcodeInvalid(barcode="1")),
        ({"variants": [Variant(sku="A", weight_grams=-1)]}, errors.WeightInvalid(weight_grams=-1)),
        ({"variants": [Variant(sku="A", option_values={"Size": "L"})]}, errors.OptionUnknown(option="Size", value="L")),
        ({"media": [Media(path="a.png", width=0, height=1)]}, errors.MediaInvalid(file="a.png")),
        ({"media": [Media(path="../a.png", width=1, height=1)]}, errors.MediaInvalid(file="../a.png")),
        ({"media": [Media(path="a", width=1, height=1)] * 2}, errors.MediaInvalid(file="a")),
        (
            {"publications": {"us": Publication(unpublish_at=datetime(2026, 1, 1, tzinfo=UTC))}},
            errors.PublicationTimesInvalid(channel="us"),
        ),
        (
            {"publications": {"us": Publication(publish_at=datetime(2026, 1, 1))}},  # noqa: DTZ001
            errors.PublicationTimesInvalid(channel="us"),
        ),
    ],
)
def test_faulty_products_are_refused(changes: dict[str, Any], error: DomainError) -> None:
    with pytest.raises(type(error)) as caught:
        checked_product(replace(mug("Mug", "A"), **changes))
    assert vars(caught.value) == vars(error)


def test_variants_differ_in_their_options() -> None:
    size = Option(name="Size", values=[OptionValue(name="S"), OptionValue(name="L")])
    same = [Variant(sku="A", option_values={"Size": "S"}), Variant(sku="B", option_values={"Size": "S"})]
    with pytest.raises(errors.OptionRepeated) as caught:
        checked_product(mug("Mug", "A", options=[size], variants=same))
    assert caught.value.name == "Size: S"


def test_texts_are_trimmed_and_tags_stand_once() -> None:
    product = checked_product(mug(" Mug ", "A", tags=[" new", "old", "new ", ""], name_translations={"de": " "}))
    assert (product.name, product.tags, product.name_translations) == ("Mug", ["new", "old"], {})


@pytest.mark.parametrize(
    ("kind", "value", "cells"),
    [
        (K.CHOICE, "red", AttributeCells(choices=(RED,))),
        (K.MULTI_CHOICE, ["blue", "red", "blue"], AttributeCells(choices=(BLUE, RED))),
        (K.NUMBER, 7, AttributeCells(number=Decimal(7))),
        (K.NUMBER, Decimal("-0.5"), AttributeCells(number=Decimal("-0.5"))),
        (K.BOOLEAN, False, AttributeCells(boolean=False)),
        (K.DATE, date(2019, 4, 1), AttributeCells(date=date(2019, 4, 1))),
        (K.TEXT, " by hand ", AttributeCells(text="by hand")),
        (K.TEXT, Text(text="a", translations={"de": "b"}), AttributeCells(text="a", text_translations={"de": "b"})),
        (K.RICH_TEXT, "<b onclick='x'>a</b>", AttributeCells(text="<b>a</b>")),
    ],
)
def test_values_stand_in_the_column_of_their_kind(kind: AttributeKind, value: Any, cells: AttributeCells) -> None:
    assert cells_of(value, kind, attribute="it", choices=CHOICES) == cells


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (K.CHOICE, 1),
        (K.CHOICE, ["red"]),
        (K.MULTI_CHOICE, []),
        (K.MULTI_CHOICE, "red"),
        (K.NUMBER, True),
        (K.NUMBER, "7"),
        (K.NUMBER, Decimal("NaN")),
        (K.NUMBER, Decimal("Infinity")),
        (K.NUMBER, Decimal("1e40")),
        (K.NUMBER, Decimal("1e-40")),
        (K.BOOLEAN, 1),
        (K.DATE, datetime(2019, 4, 1, tzinfo=UTC)),
        (K.TEXT, " "),
        (K.TEXT, 1),
    ],
)
def test_values_of_another_kind_are_refused(kind: AttributeKind, value: Any) -> None:
    with pytest.raises(errors.AttributeValueInvalid):
        cells_of(value, kind, attribute="it", choices=CHOICES)


def test_choices_must_be_known() -> None:
    with pytest.raises(errors.ChoiceUnknown) as caught:
        cells_of("green", K.CHOICE, attribute="colour", choices=CHOICES)
    assert vars(caught.value) == {"attribute": "colour", "choice": "green"}


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Mug"), ("de", "Becher"), ("de-AT", "Häferl"), ("de-CH", "Becher")]
)
def test_a_region_falls_back_to_its_language(language: str, text: str) -> None:
    assert translated("Mug", {"de": "Becher", "de-AT": "Häferl"}, language) == text


@pytest.mark.parametrize(("language", "configuration"), [("de-AT", "german"), ("en", "english"), ("ja", "simple")])
def test_languages_have_a_search_configuration(language: str, configuration: str) -> None:
    assert search_configuration(language) == configuration


@given(st.dictionaries(st.integers(0, 9).map(str), st.integers(0, 9).map(str) | st.none(), max_size=10))
def test_a_tree_is_accepted_if_every_path_ends_at_a_root(parents: dict[str, str | None]) -> None:
    def ends(slug: str | None, steps: int = 0) -> bool:
        return slug is None or (slug in parents and steps <= len(parents) and ends(parents[slug], steps + 1))

    if all(map(ends, parents)):
        check_tree(parents)
    else:
        with pytest.raises((errors.CategoryUnknown, errors.CategoryCycle)):
            check_tree(parents)


def test_slugs_of_names_are_readable() -> None:
    assert choose_slug("Äpfel & Öl: 1/2 Liter", key="A", taken=()) == "aepfel-oel-1-2-liter"
    assert re.fullmatch(r"item-[0-9a-f]{6}", choose_slug("!!!", key="A", taken={"item"}) or "")
