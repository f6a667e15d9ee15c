"""What can be done with carts."""

from mercer.cart.service.completion import convert_cart, prepare_cart, store_prices

__all__ = ["convert_cart", "prepare_cart", "store_prices"]
