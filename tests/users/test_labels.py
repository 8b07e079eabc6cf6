"""The log's word for a user."""

from __future__ import annotations

from cutover.users.labels import label


def test_one_person_has_one_label_in_every_case() -> None:
    assert label(b"key", "Ann@Example.com") == label(b"key", "ann@example.com")


def test_two_people_have_two() -> None:
    assert label(b"key", "ann") != label(b"key", "bob")


def test_without_the_key_the_label_says_nothing() -> None:
    assert label(b"key", "ann") != label(b"another", "ann")


def test_a_label_is_short_and_does_not_hold_the_name() -> None:
    assert len(label(b"key", "ann@example.com")) == 16
    assert "ann" not in label(b"key", "ann")


def test_a_name_that_no_encoding_holds_has_a_label_too() -> None:
    assert label(b"key", "\ud800")
