"""IDs as clients send them."""

from uuid import UUID

from .views.inputs import parse_id

NO_ID = UUID(int=0)
"""What nothing has."""


def given_id(value: str) -> UUID:
    """The UUID that an ID stands for; one that nothing has when it is none, so that it is not found."""
    return parse_id(value) or NO_ID
