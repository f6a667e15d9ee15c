"""Every picture can be drawn, and carries nothing but a drawing."""

import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import pytest

from mercer.demo import catalogue, content, shop
from mercer.demo.models import Picture
from mercer.demo.pictures import View, draw, shapes, studio

ELEMENTS = {"svg", "g", "path", "rect", "circle", "ellipse", "clipPath"}
PALETTE = {"main", "shade", "light", "backdrop", "ground", "halo", "deep"}


def test_there_are_three_of_each_product() -> None:
    assert len({path for path, _ in shop.pictures()}) == 3 * len(content.products())
    assert {media.path for item in shop.items() for media in item.product.media or ()} == {
        path for path, _ in shop.pictures()
    }


@pytest.mark.parametrize("make", [shop.pictures, catalogue.pictures], ids=["shop", "catalogue"])
def test_they_are_drawings_and_nothing_else(make: Callable[[], Iterator[tuple[str, str]]]) -> None:
    for path, drawing in make():
        root = ET.fromstring(drawing)
        assert root.attrib["width"] == root.attrib["height"] == str(studio().size), path
        for element in root.iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS, path
            assert not any(name.startswith("on") or "href" in name for name in element.attrib), path
            for name in {"fill", "stroke"} & element.attrib.keys():
                assert re.fullmatch(r"#[0-9a-f]{6}([0-9a-f]{2})?|none", element.attrib[name]), path


def test_all_palettes_have_the_same_colours() -> None:
    assert all(palette.keys() == PALETTE for palette in studio().palettes.values())
    assert studio().palettes.keys() == content.shop().options["colour"].values.keys()


def test_every_shape_is_a_product_of_the_shop() -> None:
    assert shapes().keys() == {product.picture.shape for product in content.products()}


def test_the_same_picture_is_always_the_same() -> None:
    mug = Picture(shape="mug", palette="moss")
    assert draw(mug, scene="table", view=View.IN_USE) == draw(mug, scene="table", view=View.IN_USE)
    assert len({draw(mug, scene="table", view=view) for view in View}) == 3


def test_they_say_what_they_show_in_both_languages() -> None:
    mug = next(item.product for item in shop.items() if item.product.slug == "plover-mug")
    assert [(media.alt, media.alt_translations) for media in mug.media or ()] == [
        ("Plover Mug", {"de": "Becher Plover"}),
        ("Plover Mug, close up", {"de": "Becher Plover aus der Nähe"}),
        ("Plover Mug on a laid table", {"de": "Becher Plover auf einem gedeckten Tisch"}),
    ]
