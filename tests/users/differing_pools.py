"""What may be typed, and which name comes of it, for every way in which two pools sign people in."""

from __future__ import annotations

from typing import Any

from cutover.users.ledger_rows import FirstOwner
from tests.users.world import SUB, World, ann

WAYS: dict[str, dict[str, Any]] = {
    "user name": {},
    "e-mail alias": {"alias_attributes": frozenset({"email"})},
    "phone alias": {"alias_attributes": frozenset({"phone_number"})},
    "preferred name alias": {"alias_attributes": frozenset({"preferred_username"})},
    "e-mail": {"username_attributes": frozenset({"email"})},
    "phone": {"username_attributes": frozenset({"phone_number"})},
}
TYPED = {
    "user name": "Ann",
    "e-mail": "Ann@Example.com",
    "phone": "+15550100",
    "preferred name": "Annie",
}
"""What Ann may type. In a pool that signs in by e-mail or phone her user name is her sub."""

OUTCOMES: dict[str, tuple[str, str, str, str, str, str]] = {
    "user name": ("t---", "un--", "u-n-", "u---", "xe--", "x-p-"),
    "e-mail alias": ("tt--", "un--", "uxn-", "ux--", "xe--", "xxp-"),
    "phone alias": ("t-t-", "unx-", "u-n-", "u-x-", "xex-", "x-p-"),
    "preferred name alias": ("t--x", "un-x", "u-nx", "u--n", "xe-x", "x-px"),
    "e-mail": ("tt--", "un--", "uxn-", "ux--", "xe--", "xxp-"),
    "phone": ("t-t-", "unx-", "u-n-", "u-x-", "xex-", "x-p-"),
}
"""By the old pool's way, the new pools' in the order of `WAYS`; in each, one letter for each thing typed:

- `t`: comes over, the name is what was typed
- `u`: comes over under the old user name
- `n`: comes over under the old user name, which the answer says
- `e`, `p`: comes over, known by the e-mail or the phone
- `x`: refused (`attributes_refused`): the new pool would not find them by it
- `-`: nobody is found (`unknown_user`)
"""

CELLS = [(old, new, letters) for old, row in OUTCOMES.items() for new, letters in zip(WAYS, row, strict=True)]


def by_index(old: str, new: str) -> set[str]:
    """What is found only by the index of reserved names: contacts that the old pool does not sign in by."""
    known = WAYS[old].get("alias_attributes", frozenset()) | WAYS[old].get("username_attributes", frozenset())
    wanted = WAYS[new].get("alias_attributes", frozenset()) | WAYS[new].get(
        "username_attributes", frozenset()
    )
    return {what for what, kind in (("e-mail", "email"), ("phone", "phone_number")) if kind in wanted - known}


def typed(old: str, what: str) -> str:
    made_up = what == "user name" and "username_attributes" in WAYS[old]
    return SUB if made_up else TYPED[what]


def differing(old: str, new: str, *, old_case: bool = True, new_case: bool = True) -> World:
    """Ann in two such pools, and in the index. `…_case`: whether that pool tells case apart."""
    world = World()
    attributes = {
        "email": TYPED["e-mail"],
        "phone_number": TYPED["phone"],
        "phone_number_verified": "true",
        "preferred_username": TYPED["preferred name"],
    }
    person = ann(username=typed(old, "user name"), attributes=attributes)
    world.old.people = [person]
    world.old_pool(case_sensitive=old_case, **WAYS[old])
    world.new_pool(case_sensitive=new_case, **WAYS[new])
    index(world, person.username, attributes)
    return world


def index(world: World, name: str, attributes: dict[str, str], sub: str = SUB) -> None:
    """Reserve what one old user goes by, as attach does."""
    owner = FirstOwner(sub, name)
    world.ledger.reserve("name", name, owner)
    for kind in ("email", "phone_number", "preferred_username"):
        if attributes.get(kind):
            world.ledger.reserve(kind, attributes[kind], owner)


def documented() -> list[str]:
    """The table as docs/users.md shows it: what may be typed; `*`: found by the index."""
    lines = [f"| old \\ new | {' | '.join(WAYS)} |", "|---" * (len(WAYS) + 1) + "|"]
    for old, row in OUTCOMES.items():
        cells = [_cell(old, new, letters) for new, letters in zip(WAYS, row, strict=True)]
        lines.append(f"| {old} | {' | '.join(cells)} |")
    return lines


def _cell(old: str, new: str, letters: str) -> str:
    marked = by_index(old, new)
    words = [
        f"{what}*" if what in marked else what
        for what, letter in zip(TYPED, letters, strict=True)
        if letter not in "x-"
    ]
    return ", ".join(words)
