"""What a price may be."""

from mercer.pricing.errors import AmountInvalid, BeforeAmountInvalid
from mercer.pricing.models import Price

LARGEST_AMOUNT = 10**15


def check_price(price: Price) -> None:
    """Raise `AmountInvalid` or `BeforeAmountInvalid` if the price cannot be asked."""
    for amount in (price.amount, price.before_amount):
        if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
            raise AmountInvalid(amount=amount)
    if price.before_amount is not None and (price.amount is None or price.before_amount <= price.amount):
        raise BeforeAmountInvalid(amount=price.amount, before_amount=price.before_amount)
