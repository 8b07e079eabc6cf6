"""Whether the stack's parameters name the tables and streams of its pairs, and its roles their keys.

A function of the stack may touch what SourceTableArns and TargetTableArns name, and is woken by the streams
of SourceStreamArns alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cutover.control.deployment import Deployment
from cutover.control.doctor.call_resources import listed
from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import PairView, TablesView, TableView
from cutover.errors import UsageError
from cutover.tables.account_check import check_account

NONE = "none"
DENIED = "explicitDeny"


def check(facts: DoctorFacts) -> Iterator[Finding]:
    tables, deployment = facts.tables, facts.deployment
    if tables is None or not deployment.stack:
        return
    for side, role in (("source", "SourceRoleArn"), ("target", "TargetRoleArn")):
        yield from _accounts(tables, side, deployment.parameter(role))
        yield from _arns(tables, deployment, side, reached_by_role=bool(deployment.parameter(role)))
    yield from _keys(tables, deployment)


def _accounts(tables: TablesView, side: str, role: str | None) -> Iterator[Finding]:
    for pair in tables.pairs:
        try:
            check_account(getattr(pair.pair, side), role)
        except UsageError as error:
            yield Finding(
                "account_differs",
                error.message,
                error.cause,
                error.fix,
                data={"pair": pair.id, "side": side},
            )


def _arns(
    tables: TablesView, deployment: Deployment, side: str, *, reached_by_role: bool
) -> Iterator[Finding]:
    parameter = f"{side.title()}TableArns"
    given = set(listed(deployment, parameter))
    views: Mapping[str, PairView] = {
        table.arn: pair for pair in tables.pairs if (table := getattr(pair, side)) is not None
    }
    for arn, pair in views.items():
        if arn not in given and not reached_by_role:
            yield Finding(
                "table_not_permitted",
                f"{parameter} does not name {arn}",
                "the functions' roles name the tables of that parameter and no other: each call is denied",
                f"add it to {parameter} and deploy",
                data={"pair": pair.id, "table": arn},
            )
    for arn in sorted(given - set(views)) if _all_read(tables, side) else ():
        yield Finding(
            "table_of_no_pair",
            f"{parameter} names {arn}, which is the {side} of no pair",
            "the functions may touch a table that does not move: a pair was taken out, or its name is wrong",
            f"take it out of {parameter}, or put its pair into Tables, and deploy",
            data={"table": arn},
        )


def _all_read(tables: TablesView, side: str) -> bool:
    return all(getattr(pair, side) is not None for pair in tables.pairs)


def _keys(tables: TablesView, deployment: Deployment) -> Iterator[Finding]:
    for function, key, action, decision in tables.key_decisions or ():
        yield Finding(
            "key_denied" if decision == DENIED else "key_not_in_policies",
            f"{function} may not use the key of a table: {action} on {key}",
            f"IAM's simulation says {decision}; the key's own policy is not part of it",
            "take the denial out: no policy of the key outweighs it"
            if decision == DENIED
            else "see that the key's policy allows it to the function's role through DynamoDB "
            "(kms:ViaService), or add it to the role",
            data={"function": function, "key": key, "action": action},
        )
    for side, role in (("source", "SourceRoleArn"), ("target", "TargetRoleArn")):
        for pair in tables.pairs:
            table: TableView | None = getattr(pair, side)
            if table is None or table.key is None or table.key.customer is False:
                continue
            if deployment.parameter(role):
                yield Finding(
                    "key_of_a_role",
                    f"{table.name} is encrypted by a key of its own account",
                    f"{role} needs kms:Decrypt on {table.key.arn}, and that is not simulated from here",
                    "see that the key's policy or the role's allows it",
                    data={"pair": pair.id, "key": table.key.arn},
                )
