"""Doctor's facts put together: the stack, the pools, and the users of both as they are listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from cutover.aws.cognito_replies import rules_of
from cutover.aws.doctor_pools import PoolsReader
from cutover.aws.doctor_reading import Reading
from cutover.aws.doctor_stack import StackReader
from cutover.aws.pool_ledger import PoolLedger
from cutover.aws.pool_reads import users
from cutover.cli.attach_facts import paced_calls
from cutover.cli.attach_users import counted, old_pool_aws
from cutover.cli.doctor_tables import TablesLook, look_at_tables
from cutover.cli.options import Invocation
from cutover.control.deployment import Deployment
from cutover.control.doctor.census import Census
from cutover.control.doctor.facts import DoctorFacts, PoolFacts
from cutover.control.refusals import Refusal
from cutover.control.taken_names import HeldNames, PoolUser, Taken
from cutover.control.users_settings import settings_of
from cutover.errors import UsageError
from cutover.users.settings import Settings, region_of
from cutover.users.write_rights import Rights, admissible


@dataclass(frozen=True)
class Look:
    """How to look. `at` in epoch seconds; `sample`: so many old users at most (None: all of them)."""

    at: int
    per_second: float
    old_profile: str | None = None
    users: bool = True
    sample: int | None = None
    tables: TablesLook | None = None
    """None: the tables are not looked at."""


def look(invocation: Invocation, deployment: Deployment, how: Look) -> DoctorFacts:
    reading = Reading()
    pools = _pools(invocation, deployment, how, reading)
    facts = DoctorFacts(
        at=how.at,
        deployment=deployment,
        **pools.read(),
        **StackReader(deployment, invocation.aws, reading, how.at).read(),
    )
    if how.tables is not None:
        tables = look_at_tables(invocation, deployment, how.tables, facts.functions, reading)
        facts = replace(facts, tables=tables)
    settings = _settings(deployment, reading)
    if settings is not None and how.users:
        facts = _with_users(invocation, facts, pools, settings, how)
    return replace(
        facts,
        old_role_error=reading.role_error,
        refused=tuple(reading.refused),
        unread=tuple(dict.fromkeys(reading.notes)),
    )


def _pools(invocation: Invocation, deployment: Deployment, how: Look, reading: Reading) -> PoolsReader:
    old_id = deployment.parameter("OldUserPoolId") or ""
    new = invocation.aws.elsewhere(region=region_of(deployment.parameter("NewUserPoolId") or ""))
    old = old_pool_aws(invocation, deployment, old_id, how.old_profile)
    return PoolsReader(
        deployment,
        new,
        old,
        paced_calls(invocation, new, how.per_second),
        paced_calls(invocation, old, how.per_second),
        reading,
        how.at,
    )


def _settings(deployment: Deployment, reading: Reading) -> Settings | None:
    """None where the stack moves no users, or the functions could not read their settings."""
    if deployment.parameter("NewUserPoolId") is None:
        return None
    try:
        return settings_of(deployment)
    except UsageError as error:
        reading.refused.append(Refusal("settings_refused", error.message, error.cause, error.fix))
        return None


def _with_users(
    invocation: Invocation, facts: DoctorFacts, pools: PoolsReader, settings: Settings, how: Look
) -> DoctorFacts:
    """The new pool is listed whole and first, then the old one: each of its users is looked at once."""
    if facts.new is None or facts.old is None or facts.new.state.pool_id == facts.old.state.pool_id:
        return facts
    held = pools.reading.attempt("the users of the new pool", _held, invocation, facts.new, pools, how)
    census = Census(
        settings,
        rules_of(facts.old.settings),
        rules_of(facts.new.settings),
        partial(_admit, facts.new, facts.old),
    )
    taken: list[Taken] = []

    def list_old() -> bool:
        for user in _old_users(invocation, pools, settings, how):
            if how.sample is not None and census.users == how.sample:
                census.complete = False
                break
            census.add(user)
            taken.extend(held.taken_from(user) if held else ())
        return True

    if pools.reading.attempt("the users of the old pool", list_old) is None:
        return facts
    squatted = None if held is None else _strangers(invocation, facts, taken, pools.reading)
    return replace(facts, census=census, squatted=squatted)


def _held(invocation: Invocation, new: PoolFacts, pools: PoolsReader, how: Look) -> HeldNames:
    case = (new.settings.get("UsernameConfiguration") or {}).get("CaseSensitive", True)
    title = f"users of the new pool, {how.per_second:g} calls a second"
    with invocation.render.progress(title) as bar:
        listed = counted(users(pools.new_calls, new.state.pool_id), bar)
        return HeldNames(listed, case_sensitive=bool(case))


def _old_users(
    invocation: Invocation, pools: PoolsReader, settings: Settings, how: Look
) -> Iterator[PoolUser]:
    title = f"users of the old pool, {how.per_second:g} calls a second"
    with invocation.render.progress(title) as bar:
        listed = users(pools.old_calls, settings.old_pool_id)
        yield from counted(islice(listed, None if how.sample is None else how.sample + 1), bar)


def _strangers(
    invocation: Invocation, facts: DoctorFacts, taken: list[Taken], reading: Reading
) -> tuple[Taken, ...] | None:
    """Without a ledger nobody came over by this migration yet."""
    table = facts.deployment.outputs.get("LedgerTable")
    if not table or not taken or facts.new is None:
        return tuple(taken)
    ledger = PoolLedger(invocation.aws.client("dynamodb", attempts=3), table)
    return reading.attempt("who came over", ledger.strangers, taken, facts.new.state.pool_id)


def _admit(new: PoolFacts, old: PoolFacts, names: Iterable[str]) -> frozenset[str]:
    return admissible(names, lambda: _rights(new), lambda: _rights(old))


def _rights(pool: PoolFacts) -> Iterator[Rights]:
    """Where the clients could not be read, each counts as one with the default rights, as in the trigger."""
    for client in pool.clients or ():
        writable = client.settings.get("WriteAttributes")
        yield None if writable is None else frozenset(writable)
    if pool.clients is None:
        yield None
