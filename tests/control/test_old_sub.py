"""The attribute for the old sub: it exists, it is immutable, it fits, and nobody writes it."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.old_sub import AttributeReport, check_attribute
from cutover.control.pool_ports import AppClient
from tests.fakes.cognito import attribute

NAME = "custom:old_sub"


def check(
    clients: tuple[AppClient, ...] = (), mappings: dict[str, dict[str, str]] | None = None, **definition: Any
) -> AttributeReport:
    pool = {"SchemaAttributes": [attribute("email"), attribute(NAME, **{"Mutable": False, **definition})]}
    return check_attribute(NAME, pool, clients, mappings or {})


def codes(report: AttributeReport) -> list[str]:
    return [refusal.code for refusal in report.refusals]


def client(**settings: Any) -> AppClient:
    return AppClient({"ClientId": "c1", "ClientName": "web", **settings})


def test_an_immutable_text_that_nobody_writes_passes() -> None:
    assert check() == AttributeReport(NAME, missing=False)


def test_an_attribute_that_is_not_in_the_schema_is_missing() -> None:
    assert check_attribute(NAME, {"SchemaAttributes": [attribute("email")]}, (), {}).missing


def test_a_mutable_attribute_is_refused() -> None:
    assert codes(check(Mutable=True)) == ["old_sub_mutable"]


@pytest.mark.parametrize(
    "definition",
    [
        {"AttributeDataType": "Number"},
        {"StringAttributeConstraints": {"MinLength": "0", "MaxLength": "35"}},
        {"StringAttributeConstraints": {"MinLength": "37", "MaxLength": "256"}},
    ],
)
def test_an_attribute_that_cannot_hold_a_sub_is_refused(definition: dict[str, Any]) -> None:
    assert codes(check(**definition)) == ["old_sub_type"]


def test_a_client_that_may_write_it_is_refused() -> None:
    assert codes(check((client(WriteAttributes=["email", NAME]),))) == ["old_sub_writable"]


def test_a_client_with_a_list_without_it_passes_unnoted() -> None:
    report = check((client(WriteAttributes=["email"]),))
    assert (codes(report), report.unlisted) == ([], ())


def test_a_client_without_a_list_is_noted() -> None:
    report = check((client(),))
    assert (codes(report), report.unlisted) == ([], ("c1",))


def test_an_identity_provider_that_writes_it_is_refused() -> None:
    assert codes(check(mappings={"Google": {NAME: "sub"}})) == ["old_sub_mapped"]


def test_an_identity_provider_that_writes_others_passes() -> None:
    assert codes(check(mappings={"Google": {"email": "email"}})) == []
