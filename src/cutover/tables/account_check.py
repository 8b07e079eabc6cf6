"""One role for all source tables of a deployment, and one for all targets: each reaches one account."""

from __future__ import annotations

from cutover.errors import UsageError
from cutover.tables.pairs import TableRef


def account_of(arn: str) -> str:
    """The account that stands in an ARN."""
    return arn.split(":")[4]


def check_account(ref: TableRef, role_arn: str | None) -> None:
    """Raises UsageError for a table that its ARN places in another account than its role's.

    A resource policy on the table could let the role in all the same. That would be a second way to the
    tables, which the role's own account does not see, so it is not taken.
    """
    if role_arn is None or not ref.is_arn or account_of(ref.spec) == account_of(role_arn):
        return
    raise UsageError(
        f"table {ref.name} is in another account than the role that reaches it",
        cause=f"{ref.spec} and {role_arn}",
        fix="a stack has one role for all its source tables and one for all its targets: "
        "deploy a stack for each account, each with its own pairs",
    )
