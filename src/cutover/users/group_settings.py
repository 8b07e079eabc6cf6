"""Which groups come over, as the operator set it: `GROUPS` and `GROUP_MAP`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cutover.errors import UsageError
from cutover.users.environment import choice, optional, words

_PAIR = re.compile(r"[^\s,=]{1,128}=[^\s,=]{1,128}\Z")


@dataclass(frozen=True)
class GroupSettings:
    """`pairs` are (old name, name of a group that the new pool has already)."""

    on: bool = True
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def mapped(self) -> dict[str, str]:
        return dict(self.pairs)


def read_group_settings(environ: Mapping[str, str]) -> GroupSettings:
    """Raises UsageError for a setting that cannot be understood. Unset, groups come over."""
    entries = words(optional(environ, "GROUP_MAP"))
    odd = [entry for entry in entries if not _PAIR.match(entry)]
    if odd:
        raise UsageError(
            "GROUP_MAP cannot be understood",
            cause=", ".join(odd),
            fix="name groups by comma, each as old=new",
        )
    pairs = tuple((old, new) for old, _, new in (entry.partition("=") for entry in entries))
    names = [old for old, _ in pairs]
    if len(set(names)) != len(names):
        raise UsageError("GROUP_MAP names an old group twice")
    return GroupSettings(not choice(environ, "GROUPS", no="on", yes="off"), pairs)
