"""What `cutover init` will do: the checks on what was found, the streams to enable, the parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.control.init_accounts import check_accounts
from cutover.control.init_facts import ClientFacts, InitFacts, PairTables, TableFacts
from cutover.errors import InterlockRefused

SIGN_IN_FLOW = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
REFRESH_FLOW = "ALLOW_REFRESH_TOKEN_AUTH"
LEGACY_FLOW = "ADMIN_NO_SRP_AUTH"
"""The older name of that flow:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html"""

TABLES_BYTES = 1500
"""The most that the table pairs take. A function's environment holds 4 KB, and they stand there twice, once
to name the version: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

NO_STREAM = "none"
TO_BE_ENABLED = "(the stream that will be enabled)"


@dataclass(frozen=True)
class EnableStream:
    """Switch a source table's stream on. An existing stream is never changed, whatever its view type."""

    table: TableFacts
    view: str


@dataclass(frozen=True)
class InitPlan:
    """The very plan that is shown and run. `region` is the stack's."""

    facts: InitFacts
    region: str
    streams: tuple[EnableStream, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    """Parameters that the operator named."""
    by_kinesis: bool = False
    """The changes come by Kinesis streams: the tables' own streams are left as they are."""
    notes: tuple[str, ...] = ()

    def parameters(self, enabled: Mapping[str, str]) -> dict[str, str | list[str]]:
        """The stack's parameters; `enabled` holds the ARNs of newly enabled streams by table ARN."""
        found: dict[str, str | list[str]] = {}
        facts = self.facts
        if facts.new_pool and facts.old_pool and facts.old_client:
            found |= {
                "NewUserPoolId": facts.new_pool.id,
                "OldUserPoolId": facts.old_pool.id,
                "OldClientId": facts.old_client.id,
            }
        if facts.pairs:
            found |= {
                "Tables": tables_setting(facts.pairs),
                "SourceTableArns": [pair.source.arn for pair in facts.pairs],
                "TargetTableArns": [pair.target.arn for pair in facts.pairs],
                "SourceStreamArns": self._streams(enabled),
            }
        return {**found, **self.given}

    def _streams(self, enabled: Mapping[str, str]) -> str | list[str]:
        if self.by_kinesis:
            return NO_STREAM
        return [
            pair.source.stream_arn or enabled.get(pair.source.arn, TO_BE_ENABLED) for pair in self.facts.pairs
        ]


def plan_init(
    facts: InitFacts, *, view: str, given: Mapping[str, str], held: Mapping[str, object] | None = None
) -> InitPlan:
    """`held` are the parameters that the file has already.

    Raises InterlockRefused for the first thing that would not work once it is deployed.
    """
    _check_pools(facts)
    if facts.old_client is not None:
        _check_flow(facts.old_client, facts)
    for pair in facts.pairs:
        _check_pair(pair)
    if len(tables_setting(facts.pairs).encode()) > TABLES_BYTES:
        raise InterlockRefused(
            "too_many_pairs",
            f"{len(facts.pairs)} table pairs do not fit into the parameter Tables",
            cause=f"they take more than the {TABLES_BYTES} bytes that a function's environment has for them",
            fix='put the JSON into an SSM parameter and name it in samconfig.toml: Tables = "ssm:/name"',
        )
    parameters = {**(held or {}), **given}
    by_kinesis = parameters.get("SourceKinesisArns") not in (None, "", NO_STREAM)
    without = [] if by_kinesis else [pair.source for pair in facts.pairs if pair.source.stream_arn is None]
    check_accounts(facts, without, parameters)
    return InitPlan(
        facts=facts,
        region=_one_region(facts),
        streams=tuple(EnableStream(source, view) for source in without),
        given=given,
        by_kinesis=by_kinesis,
        notes=tuple(_notes(facts, parameters)),
    )


def tables_setting(pairs: tuple[PairTables, ...]) -> str:
    return json.dumps([{"source": pair.source.spec, "target": pair.target.spec} for pair in pairs])


def _check_pools(facts: InitFacts) -> None:
    if facts.new_pool and facts.old_pool and facts.new_pool.id == facts.old_pool.id:
        raise InterlockRefused(
            "same_pool",
            "the old and the new pool are the same",
            cause=facts.new_pool.id,
            fix="name another pool as the new one",
        )


def _check_flow(client: ClientFacts, facts: InitFacts) -> None:
    if not {SIGN_IN_FLOW, LEGACY_FLOW} & set(client.flows):
        pool = facts.old_pool.id if facts.old_pool else ""
        raise InterlockRefused(
            "client_flow",
            f"app client {client.id} of the old pool does not allow {SIGN_IN_FLOW}",
            cause=f"it allows {', '.join(client.flows) or 'nothing that was set'}",
            fix="make a client for this migration alone, so that no other changes",
            next_command=f"aws cognito-idp create-user-pool-client --user-pool-id {pool} "
            f"--client-name cutover --explicit-auth-flows {SIGN_IN_FLOW}",
        )


def _check_pair(pair: PairTables) -> None:
    source, target = pair.source, pair.target
    if source.arn == target.arn:
        raise InterlockRefused(
            "same_table",
            "a table cannot be its own target",
            cause=source.arn,
            fix="name another table as the target",
        )
    if source.keys != target.keys:
        raise InterlockRefused(
            "keys_differ",
            f"the keys of {source.spec} and {target.spec} differ",
            cause=f"{_keys(source)}; {_keys(target)}",
            fix="make the target with the source's key attributes and types; where the keys shall differ, "
            "write the pair into Tables yourself (docs/transforms.md)",
        )


def _one_region(facts: InitFacts) -> str:
    """A trigger lives in its pool's Region, a stream mapping in its stream's."""
    regions = {pair.source.region for pair in facts.pairs}
    if facts.new_pool is not None:
        regions.add(facts.new_pool.region)
    if not regions:
        raise InterlockRefused(
            "nothing_moves", "nothing was named to move", fix="give the pools, --table SOURCE=TARGET, or both"
        )
    if len(regions) > 1:
        raise InterlockRefused(
            "two_regions",
            "the new pool and the source tables stand in more than one Region",
            cause=", ".join(sorted(regions)),
            fix="deploy one stack in each Region: run init once for each, "
            "with its own --stack and --config-file",
        )
    return regions.pop()


def _notes(facts: InitFacts, given: Mapping[str, object]) -> list[str]:
    notes = []
    client, old = facts.old_client, facts.old_pool
    if client is not None and client.has_secret and not given.get("OldClientSecretArn"):
        notes.append(
            f"client {client.id} has a secret, and OldClientSecretArn is not set. Put it into Secrets "
            f"Manager, in the stack's Region, without showing it:\n"
            f"    aws cognito-idp describe-user-pool-client --user-pool-id {old.id if old else ''} "
            f"--client-id {client.id} --query UserPoolClient.ClientSecret --output text | tr -d '\\n' | "
            "aws secretsmanager create-secret --name cutover/old-client --secret-string file:///dev/stdin\n"
            "  and run init again with --old-client-secret-arn"
        )
    if client is not None and not client.has_secret and given.get("OldClientSecretArn"):
        notes.append(f"client {client.id} has no secret: leave --old-client-secret-arn out")
    if client is not None and len({*client.flows} - {REFRESH_FLOW}) > 1:
        notes.append(
            f"client {client.id} allows more than {SIGN_IN_FLOW}: one made for this migration is safer"
        )
    return notes


def _keys(table: TableFacts) -> str:
    said = ", ".join(f"{name} {kind} {role}" for name, role, kind in table.keys)
    return f"{table.spec} has {said}"
