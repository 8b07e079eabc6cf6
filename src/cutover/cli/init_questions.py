"""What init asks for when it was not given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.cli.options import Invocation
from cutover.errors import UsageError


@dataclass(frozen=True)
class Named:
    """What is to be moved, by its names; empty where it is not."""

    new_pool: str = ""
    old_pool: str = ""
    old_client: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def options(self) -> dict[str, Any]:
        """As if all of it had been given on the command line."""
        tables = tuple(f"{source}={target}" for source, target in self.pairs)
        return {
            "new_pool": self.new_pool,
            "old_pool": self.old_pool,
            "old_client": self.old_client,
            "tables": tables,
        }


_POOL_ID = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+_[0-9A-Za-z]+")
_QUESTIONS = {
    "new_pool": "Id of the new user pool",
    "old_pool": "Id of the old user pool",
    "old_client": "Id of the old pool's app client",
}


def ask_missing(invocation: Invocation, options: Mapping[str, Any]) -> Named:
    """Nothing named: asks for all of it. A part of the users named: asks for the rest of them.

    Raises UsageError where nobody can answer, or a pair is no SOURCE=TARGET.
    """
    users = {name: str(options[name] or "") for name in _QUESTIONS}
    pairs = [_pair(word) for word in options["tables"]]
    nothing = not any(users.values()) and not pairs
    if nothing:
        users["new_pool"] = invocation.ask(f"{_QUESTIONS['new_pool']} (empty: no users move)", default="")
    if any(users.values()):
        users = {name: given or invocation.ask(_QUESTIONS[name]) for name, given in users.items()}
        for name, given in users.items():
            _check(name, given)
    if nothing:
        pairs = _ask_pairs(invocation)
    return Named(**users, pairs=tuple(pairs))


def _check(name: str, given: str) -> None:
    option = f"--{name.replace('_', '-')}"
    if not given:
        raise UsageError(f"no {_QUESTIONS[name]} was given", fix=f"give {option}")
    if name.endswith("_pool") and not _POOL_ID.fullmatch(given):
        raise UsageError(f"{given} is no id of a user pool", fix=f"give {option} as eu-west-1_AbCdEfGhI")


def _ask_pairs(invocation: Invocation) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    while word := invocation.ask("Table pair SOURCE=TARGET (empty: no more)", default=""):
        pairs.append(_pair(word))
    return pairs


def _pair(word: str) -> tuple[str, str]:
    source, equals, target = word.partition("=")
    if not (source and equals and target) or "=" in target:
        raise UsageError(f"{word} is no SOURCE=TARGET", fix="write --table orders=orders-new")
    return source, target
