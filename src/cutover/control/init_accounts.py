"""What init refuses where tables are in other accounts: one role for each side, and it changes no table."""

from __future__ import annotations

from collections.abc import Mapping

from cutover.control.init_facts import InitFacts, TableFacts
from cutover.errors import InterlockRefused
from cutover.tables.account_check import account_of


def check_accounts(
    facts: InitFacts, without_stream: list[TableFacts], parameters: Mapping[str, object]
) -> None:
    """`without_stream` are source tables whose stream is to be switched on. Raises InterlockRefused."""
    for side, role in (
        ("source", parameters.get("SourceRoleArn")),
        ("target", parameters.get("TargetRoleArn")),
    ):
        for arn in (getattr(pair, side).arn for pair in facts.pairs):
            if role and account_of(str(role)) != account_of(arn):
                raise InterlockRefused(
                    "role_account",
                    f"a {side} table is in another account than the role that reaches it",
                    cause=f"{arn} and {role}",
                    fix="a stack has one role for all its source tables and one for all its targets: "
                    "run init once for each account, with its own --stack and --config-file",
                )
    if without_stream and parameters.get("SourceRoleArn"):
        raise InterlockRefused(
            "stream_elsewhere",
            f"{without_stream[0].arn} has no stream, and the role may not switch it on",
            cause="it reads tables and changes none",
            fix="let its account do it: aws dynamodb update-table --stream-specification "
            f"StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES --table-name {without_stream[0].spec}",
        )
