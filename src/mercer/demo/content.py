"""The demonstration shop and the measuring catalogues' words as the files say them, each read once."""

from functools import cache
from importlib.resources import files

import msgspec

from mercer.demo.models import DemoProduct, ProductFile, Purchases, Shop, Trade, Vocabulary

_PRODUCT_FILES = ("kitchen", "table", "desk", "travel", "outdoor")


@cache
def shop() -> Shop:
    """Read channels, warehouses, categories, attributes, product types and options."""
    return msgspec.toml.decode(_read("shop/shop.toml"), type=Shop)


@cache
def products() -> tuple[DemoProduct, ...]:
    """Read all products."""
    return tuple(
        product
        for name in _PRODUCT_FILES
        for product in msgspec.toml.decode(_read(f"shop/{name}.toml"), type=ProductFile).products
    )


@cache
def trade() -> Trade:
    """Read taxes, deliveries and payments."""
    return msgspec.toml.decode(_read("shop/trade.toml"), type=Trade)


@cache
def purchases() -> Purchases:
    """Read who bought what, and what became of it."""
    return msgspec.toml.decode(_read("shop/purchases.toml"), type=Purchases)


@cache
def vocabulary() -> Vocabulary:
    """Read what measuring catalogues are made of."""
    return msgspec.toml.decode(_read("catalogue.toml"), type=Vocabulary)


def _read(name: str) -> str:
    return (files("mercer.demo") / "data" / name).read_text("utf-8")
