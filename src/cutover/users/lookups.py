"""What the old pool is asked about a sign-up: nothing twice, and each value only as what it can be there.

AdminGetUser knows names, subs and verified aliases; ListUsers also finds an e-mail, a phone number or a
preferred user name that is no alias. A value is asked for as it was written, in small letters and in plain
letters. An old pool that tells cases apart may hold a newer user in yet another case, and a value may be too
long to be asked for: those only the index knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cutover.users.events import possible_name
from cutover.users.guard_ports import OldDirectory
from cutover.users.reservations import OldUser, spellings
from cutover.users.sign_ups import SignUp

LONGEST = 200
"""Characters of a value; a whole filter has 256.
Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html"""
LookUp = Callable[[OldDirectory], Iterator[Sequence[OldUser]]]


def lookups_of(sign_up: SignUp) -> Iterator[LookUp]:
    written = dict.fromkeys(one for value in sign_up.values for one in spellings(value))
    for value in written:
        if possible_name(value):
            yield partial(_named, value)
        if len(value) <= LONGEST:
            yield partial(_having, _attribute_of(value), value)


def _named(value: str, old: OldDirectory) -> Iterator[Sequence[OldUser]]:
    user = old.named(value)
    yield () if user is None else (user,)


def _having(attribute: str, value: str, old: OldDirectory) -> Iterator[Sequence[OldUser]]:
    return old.having(attribute, value)


def _attribute_of(value: str) -> str:
    """Cognito keeps a phone number as `+` and digits, and no e-mail is without an `@`."""
    if "@" in value:
        return "email"
    return "phone_number" if value.startswith("+") else "preferred_username"
