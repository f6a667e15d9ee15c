"""The demonstration shop's pictures: flat illustrations as SVG, drawn from a shape, a palette and a scene."""

import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from string import Template

import msgspec

from mercer.demo.models import Picture, Words

_SVG = "http://www.w3.org/2000/svg"
_SYMBOL = re.compile(r'<symbol id="([a-z-]+)">\n(.*?)\n</symbol>', re.DOTALL)

_ZOOM = 1.8


class View(StrEnum):
    """How a picture shows its thing."""

    FRONT = "front"
    DETAIL = "detail"
    IN_USE = "in-use"


class ViewWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the alternative text of a view says."""

    alt: Words


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Surroundings for pictures of things in use."""

    at: tuple[int, int, float]
    """Where the thing's square goes: left, top, scale."""
    alt: Words


class Studio(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that pictures are made from, besides shapes."""

    size: int
    """Width and height of every picture, in pixels."""
    views: dict[View, ViewWords]
    scenes: dict[str, Scene]
    colours: dict[str, str]
    palettes: dict[str, dict[str, str]]


@cache
def studio() -> Studio:
    """Read the colours, palettes and scenes."""
    return msgspec.toml.decode(_read("pictures.toml"), type=Studio)


@cache
def shapes() -> dict[str, str]:
    """Read what can be drawn: SVG by name, colours still as `$names`."""
    return _symbols("shapes.svg")


def draw(picture: Picture, *, scene: str, view: View) -> str:
    """Draw one picture. The same arguments always give the same bytes."""
    scenery, thing = _symbols("scenes.svg"), shapes()[picture.shape]
    match view:
        case View.FRONT:
            body = scenery["front"] + _place(thing, 28, 21, 0.86)
        case View.DETAIL:
            body = scenery["detail"] + _magnify(thing, *picture.focus)
        case View.IN_USE:
            body = scenery[scene] + _place(thing, *studio().scenes[scene].at)
    colours = studio().colours | studio().palettes[picture.palette]
    size = studio().size
    drawing = f'<svg xmlns="{_SVG}" viewBox="0 0 400 400" width="{size}" height="{size}">{body}</svg>\n'
    return Template(drawing).substitute(colours)


def describe(*, name: Words, scene: str, view: View) -> Words:
    """Say what a picture shows, in the languages that the name is in."""
    alt, place = studio().views[view].alt, studio().scenes[scene].alt
    return Words(
        en=alt.en.format(name=name.en, place=place.en),
        de=alt.in_german.format(name=name.de, place=place.in_german) if name.de else None,
    )


def _place(thing: str, left: float, top: float, scale: float) -> str:
    return f'<g transform="translate({left} {top}) scale({scale})">{thing}</g>'


def _magnify(thing: str, x: int, y: int) -> str:
    """Show the thing almost twice as large through a round glass, this point of it in the middle."""
    shown = _place(thing, 200 - round(x * _ZOOM), 200 - round(y * _ZOOM), _ZOOM)
    return (
        '<clipPath id="glass"><circle cx="200" cy="200" r="166"/></clipPath>'
        '<circle cx="200" cy="200" r="176" fill="$paper"/><circle cx="200" cy="200" r="166" fill="$halo"/>'
        f'<g clip-path="url(#glass)">{shown}</g>'
    )


@cache
def _symbols(name: str) -> dict[str, str]:
    return dict(_SYMBOL.findall(_read(name)))


def _read(name: str) -> str:
    return (files("mercer.demo") / "data" / "pictures" / name).read_text("utf-8")
