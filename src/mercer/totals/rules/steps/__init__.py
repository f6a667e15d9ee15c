"""The steps, in their order. A new one is a file beside these and a line in this list.

Each takes and returns a `Pricing`, and leaves a trace on what it touches. Where the next ones go: price lists and
catalogue promotions after `base_price` (`Line.repriced`), promotions of lines and orders after those (`Line.reduced`,
with `spread` by line id), promotions of shipping after `shipping`, gift cards and credit after `totals`.
"""

from mercer.totals.rules.pricing import Step
from mercer.totals.rules.steps.base_price import base_price
from mercer.totals.rules.steps.shipping import shipping
from mercer.totals.rules.steps.tax import tax
from mercer.totals.rules.steps.totals import totals

STEPS: tuple[Step, ...] = (
    base_price,
    shipping,
    tax,
    totals,
)
