"""Users of the new pool who already hold a name, an e-mail or a phone number of an old user.

Whoever signs up in the new pool before its owner comes over keeps the owner out, and gets what an
application sends to that name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cutover.users.ledger_rows import name_key

FEDERATED = "EXTERNAL_PROVIDER"
_CLAIMS = ("email", "phone_number", "preferred_username")


@dataclass(frozen=True)
class PoolUser:
    """What a user of either pool is called; never printed but where the operator asks for it."""

    name: str = field(repr=False)
    sub: str
    status: str
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    created_at: float = 0.0
    """Epoch seconds."""


@dataclass(frozen=True)
class Taken:
    """One new-pool user who holds what an old user goes by. `held` are kinds (`username`, `email`, …)."""

    old: PoolUser
    new: PoolUser
    held: tuple[str, ...]

    def as_json(self, *, show_users: bool) -> dict[str, object]:
        """Subs, which are random; with `show_users` also the name in the new pool."""
        shown = {"new_name": self.new.name} if show_users else {}
        return {"new_sub": self.new.sub, "old_sub": self.old.sub, "held": list(self.held), **shown}


class HeldNames:
    """What the users of the new pool go by. E-mails are one in any case, as mailboxes are; names are so
    where the pool says so."""

    def __init__(self, new_users: Iterable[PoolUser], *, case_sensitive: bool) -> None:
        self._case_sensitive = case_sensitive
        self._holders: dict[str, list[tuple[PoolUser, str]]] = defaultdict(list)
        for user in new_users:
            for kind, value in self._goes_by(user):
                self._holders[value].append((user, kind))

    def __bool__(self) -> bool:
        return bool(self._holders)

    def taken_from(self, old: PoolUser) -> Iterator[Taken]:
        """Who holds what `old` goes by. Nobody takes from an account that its owner never confirmed but
        its name, and a federated user who came back is the same person."""
        held: dict[str, tuple[PoolUser, set[str]]] = {}
        for kind, value in self._goes_by(old):
            if old.status == "UNCONFIRMED" and kind != "username":
                continue
            for user, as_kind in self._holders.get(value, ()):
                held.setdefault(user.name, (user, set()))[1].add(as_kind)
        for user, kinds in held.values():
            if not (old.status == user.status == FEDERATED and old.name == user.name):
                yield Taken(old, user, tuple(sorted(kinds)))

    def _goes_by(self, user: PoolUser) -> Iterator[tuple[str, str]]:
        yield "username", self._key(user.name)
        for kind in _CLAIMS:
            if user.attributes.get(kind):
                yield kind, self._key(user.attributes[kind])

    def _key(self, value: str) -> str:
        return name_key(value, case_sensitive=self._case_sensitive and "@" not in value)
