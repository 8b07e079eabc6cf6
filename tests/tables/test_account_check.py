"""A role reaches the tables of its own account."""

from __future__ import annotations

import pytest

from cutover.errors import UsageError
from cutover.tables.account_check import check_account
from cutover.tables.pairs import TableRef

ROLE = "arn:aws:iam::222222222222:role/reader"
THEIRS = TableRef("arn:aws:dynamodb:eu-west-1:222222222222:table/orders")
ANOTHER = TableRef("arn:aws:dynamodb:eu-west-1:333333333333:table/orders")


def test_a_table_of_another_account_than_its_role_s_is_refused() -> None:
    with pytest.raises(UsageError, match="another account") as refused:
        check_account(ANOTHER, ROLE)
    assert "deploy a stack for each account" in str(refused.value.fix)


@pytest.mark.parametrize(
    ("ref", "role"),
    [(THEIRS, ROLE), (TableRef("orders"), ROLE), (ANOTHER, None)],
    ids=["its own account's", "a name is the role's account's", "the caller's own way"],
)
def test_all_else_passes(ref: TableRef, role: str | None) -> None:
    check_account(ref, role)
