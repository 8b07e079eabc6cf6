"""By default, nothing that an old client may write and no new client may.

An attribute that people could set themselves in the old pool and cannot in the new one is trusted in the new
pool in a way it never was in the old. Such values stay behind unless `ATTRIBUTES` names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cutover.users.ports import RightsUnknown

Rights = frozenset[str] | None
"""What one app client may write; None is a client's default: every standard attribute, no custom one.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
"""


def admissible(
    names: Iterable[str],
    new_clients: Callable[[], Iterator[Rights]],
    old_clients: Callable[[], Iterator[Rights]],
) -> frozenset[str]:
    """Of `names`, those that may go over. Clients are read only as far as the answer needs them.

    Where the rights cannot be read, each client counts as a default one and custom attributes stay behind.
    """
    wanted = frozenset(names)
    try:
        contested = _not_writable(wanted, new_clients())
    except RightsUnknown:
        contested = frozenset(name for name in wanted if not _may_write(None, name))
    if not contested:
        return wanted
    try:
        harmless = _not_writable(contested, old_clients())
    except RightsUnknown:
        harmless = frozenset()
    return (wanted - contested) | harmless


def _not_writable(names: frozenset[str], clients: Iterator[Rights]) -> frozenset[str]:
    left = names
    for rights in clients:
        left = frozenset(name for name in left if not _may_write(rights, name))
        if not left:
            break
    return left


def _may_write(rights: Rights, name: str) -> bool:
    return ":" not in name if rights is None else name in rights
