"""The one password of the tests, and the search for it where it must never stand.

Every test that hands a password to a trigger hands over `PASSWORD`. `tests/leaks.py` looks for it in
everything that the run writes.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

PASSWORD = os.environ.get("CUTOVER_TEST_CANARY") or "Canary-8c1f-Passw0rd!"
"""Long enough to be found nowhere by accident; a pool with the usual password policy takes it."""


def _forms(secret: str) -> frozenset[bytes]:
    """`secret` as it stands, quoted for an address, in hex, and inside base64 at each of three offsets."""
    plain = secret.encode()
    forms = {plain, quote(secret, safe="").encode(), plain.hex().encode()}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain)
        forms.add(encoded[4 if offset else 0 : -4])
    return frozenset(forms)


_FORMS = _forms(PASSWORD)


def leaks(content: str | bytes) -> bool:
    """Does `content` hold the canary, in any form it could be read from?"""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return any(form in raw for form in _FORMS)


def leaking_files(folder: Path) -> Iterable[Path]:
    """The files below `folder` that hold the canary, in their names or in their bytes."""
    for path in sorted(folder.rglob("*")):
        if leaks(str(path)) or (path.is_file() and not path.is_symlink() and leaks(path.read_bytes())):
            yield path
