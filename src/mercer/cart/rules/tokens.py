"""What opens a guest's cart."""

import hashlib
import secrets

LONGEST = 200


def new_token() -> str:
    """256 random bits."""
    return f"mercer_cart_{secrets.token_urlsafe(32)}"


def token_hash(token: str | None) -> bytes | None:
    """What is stored of a token (SHA-256). None for what is none."""
    if token is None or not 0 < len(token) <= LONGEST:
        return None
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
