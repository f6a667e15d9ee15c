"""Baskets to price."""

from decimal import Decimal
from uuid import UUID

from mercer.values.basket import Basket, BasketLine, BasketShipping, TaxMode, TaxRate

VAT = TaxRate(name="VAT", jurisdiction="DE", rate=Decimal("0.19"))
REDUCED = TaxRate(name="VAT", jurisdiction="DE", rate=Decimal("0.07"))
STATE = TaxRate(name="New York sales tax", jurisdiction="US-NY", rate=Decimal("0.04"))
CITY = TaxRate(name="New York City sales tax", jurisdiction="US-NY-NYC", rate=Decimal("0.04875"))


def an_id(number: int) -> UUID:
    return UUID(int=number)


def a_line(
    number: int = 1, *, amount: int = 1000, quantity: int = 1, rates: tuple[TaxRate, ...] | None = (VAT,)
) -> BasketLine:
    return BasketLine(id=an_id(number), quantity=quantity, unit_amount=amount, rates=rates)


def a_basket(
    *lines: BasketLine, mode: TaxMode = TaxMode.GROSS, currency: str = "EUR", shipping: BasketShipping | None = None
) -> Basket:
    return Basket(currency=currency, mode=mode, lines=lines, shipping=shipping)
