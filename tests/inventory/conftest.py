"""The small shop, whose stock is promised."""

import pytest
from tests.inventory.promising import Promising
from tests.selling import Selling


@pytest.fixture
def promising(selling: Selling) -> Promising:
    return Promising(selling)


@pytest.fixture
def crowded(racing: Selling) -> Promising:
    """With a connection for each of many buyers."""
    return Promising(racing)
