"""Which passwords a pool takes, and who has to wait: `pages.PASSWORD_POLICY`, `pages.LOCKOUT`."""

from __future__ import annotations

from tests.simulator.faults import AwsError, wrong_password
from tests.simulator.pool import Pool, User

FREE_TRIES = 5
LONGEST_LOCK = 900.0
"""Seconds. After n >= 5 wrong passwords the lock lasts 2^(n-5) seconds; 900 quiet ones set n to 0."""
_KINDS = {
    "RequireUppercase": str.isupper,
    "RequireLowercase": str.islower,
    "RequireNumbers": str.isdigit,
    "RequireSymbols": lambda char: not char.isalnum(),
}


def check_policy(pool: Pool, password: str) -> None:
    policy = pool.setting("Policies").get("PasswordPolicy") or {}
    long_enough = len(password) >= int(policy.get("MinimumLength") or 6)
    if not long_enough or any(
        policy.get(rule) and not any(map(kind, password)) for rule, kind in _KINDS.items()
    ):
        raise AwsError("InvalidPasswordException", "Password did not conform with policy")


def try_password(user: User, password: str, now: float) -> None:
    """Raises NotAuthorizedException for a wrong password and, during a lock, for any."""
    if now - user.failed_at >= LONGEST_LOCK:
        user.failures = 0
    if now < user.locked_until:
        raise AwsError("NotAuthorizedException", "Password attempts exceeded")
    if user.password is None or password != user.password:
        user.failures, user.failed_at = user.failures + 1, now
        if user.failures >= FREE_TRIES:
            user.locked_until = now + min(2.0 ** (user.failures - FREE_TRIES), LONGEST_LOCK)
        raise wrong_password()
    user.failures = 0


def set_password(user: User, password: str) -> None:
    user.password, user.status = password, "CONFIRMED"
    user.failures, user.locked_until = 0, 0.0
