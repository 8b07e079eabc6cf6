"""Whether a pool would take a password that somebody has elsewhere.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-policies.html
"""

from __future__ import annotations

import string
from dataclasses import dataclass

_SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-")
"""A space counts as a symbol too, but not at either end."""


@dataclass(frozen=True)
class PasswordPolicy:
    """What a pool asks of a new password. Cognito does not ask it of the password of a migrated user."""

    minimum_length: int = 0
    uppercase: bool = False
    lowercase: bool = False
    numbers: bool = False
    symbols: bool = False

    def takes(self, password: str) -> bool:
        asked = (
            (self.uppercase, string.ascii_uppercase),
            (self.lowercase, string.ascii_lowercase),
            (self.numbers, string.digits),
        )
        if len(password) < self.minimum_length:
            return False
        if any(wanted and not set(letters) & set(password) for wanted, letters in asked):
            return False
        return not self.symbols or _has_symbol(password)


def _has_symbol(password: str) -> bool:
    return bool(_SYMBOLS & set(password)) or " " in password.strip(" ")
