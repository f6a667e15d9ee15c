"""What can be done with prices."""

from mercer.pricing.service.listing import follow_windows
from mercer.pricing.service.prices import remove_prices, set_prices
from mercer.pricing.service.selling import find_listed
from mercer.pricing.service.stored import store_prices

__all__ = ["find_listed", "follow_windows", "remove_prices", "set_prices", "store_prices"]
