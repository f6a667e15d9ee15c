"""What becomes of an order that is not to stay as it was placed: for now, its cancellation, with stock and money."""
