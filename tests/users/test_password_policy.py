"""What the new pool would say to an old password."""

from __future__ import annotations

import pytest

from cutover.users.password_policy import PasswordPolicy

STRICT = PasswordPolicy(8, uppercase=True, lowercase=True, numbers=True, symbols=True)
SYMBOLS = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"


def test_a_pool_that_asks_nothing_takes_everything() -> None:
    assert PasswordPolicy().takes("x")


def test_a_password_with_all_of_it_is_taken() -> None:
    assert STRICT.takes("Passw0rd!")


@pytest.mark.parametrize(
    "password",
    ["Pass0r!", "passw0rd!", "PASSW0RD!", "Password!", "Passw0rdd"],
    ids=["short", "no capital", "no small letter", "no number", "no symbol"],
)
def test_a_password_that_lacks_one_thing_is_not(password: str) -> None:
    assert not STRICT.takes(password)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_symbol_of_the_list_counts(symbol: str) -> None:
    assert STRICT.takes(f"Passw0rd{symbol}")


@pytest.mark.parametrize("other", ["\u20ac", "\u00a7", "\u00e4", "\t"])
def test_no_other_character_is_a_symbol(other: str) -> None:
    assert not STRICT.takes(f"Passw0rd{other}")


def test_a_space_counts_within_but_not_at_the_ends() -> None:
    assert STRICT.takes("Pass w0rd")
    assert not STRICT.takes(" Passw0rd")
    assert not STRICT.takes("Passw0rd ")


@pytest.mark.parametrize("password", ["passw0rd!\u00c4", "PASSW0RD!\u00e4", "Password!\u0663"])
def test_only_basic_latin_letters_and_digits_count(password: str) -> None:
    assert not STRICT.takes(password)


def test_the_shortest_that_is_allowed_is() -> None:
    assert PasswordPolicy(8).takes("x" * 8)
    assert not PasswordPolicy(8).takes("x" * 7)
