"""What must be read again, encrypted: AES-128-CBC with HMAC-SHA-256, by the library's Fernet.

The keys stand in the settings. Where those name none, which production does not allow, one is made in the data
directory.
"""

import base64
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from mercer.platform.settings import Settings

KEY_FILE = "secret.key"


class SecretUnreadable(Exception):
    """Something is encrypted with a key that is not there, or was tampered with."""


def encrypt(settings: Settings, text: str) -> bytes:
    """The text, encrypted with the first key."""
    return _ring(_keys(settings)).encrypt(text.encode())


def decrypt(settings: Settings, encrypted: bytes) -> str:
    """What was encrypted with any of the keys. Raises `SecretUnreadable`."""
    try:
        return _ring(_keys(settings)).decrypt(encrypted).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def encrypted_anew(settings: Settings, encrypted: bytes) -> bytes | None:
    """The same, encrypted with the first key; None if it is already, or cannot be read."""
    keys = _keys(settings)
    try:
        _ring(keys[:1]).decrypt(encrypted)
    except InvalidToken:
        try:
            return _ring(keys).rotate(encrypted)
        except InvalidToken:
            return None
    return None


def _keys(settings: Settings) -> tuple[str, ...]:
    return settings.secret_keys or (_key_in(settings.data_dir.absolute()),)


@lru_cache(maxsize=16)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(each.replace("+", "-").replace("/", "_")) for each in keys])


@lru_cache(maxsize=16)
def _key_in(directory: Path) -> str:
    """The key in this directory. It is made once, also when several processes want it at the same moment."""
    path = directory / KEY_FILE
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        partial = directory / f"{KEY_FILE}.{secrets.token_hex(8)}"
        partial.touch(mode=0o600)
        partial.write_bytes(base64.b64encode(secrets.token_bytes(32)))
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_text().strip()
