"""A user who comes over by the migration trigger: `pages.MIGRATION_TRIGGER`, `pages.MIGRATION_ERRORS`.

What an answer may hold is the front's rule (`cutover.rehearsal.front.answer`), played here on other users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cutover.rehearsal.front.answer import BadAnswer, NewUser, read_answer
from cutover.rehearsal.front.migration import FORGOT_PASSWORD, SIGN_IN
from cutover.rehearsal.front.trigger import TriggerFailed, migration_event
from tests.simulator import names
from tests.simulator.faults import AwsError
from tests.simulator.pool import Client, Pool, User
from tests.simulator.triggers import Fate, pre_sign_up, sign_up_event

if TYPE_CHECKING:
    from tests.simulator.service import Simulator

BEFORE_CREATION = "a migrated user is created"
"""The moment between the trigger's answer and the new user: `Simulator.before` may put something there."""


def by_sign_in(sim: Simulator, pool: Pool, client: Client, name: str, asked: dict[str, Any]) -> User | None:
    """The new user; None where the trigger knows nobody. Metadata arrives as `validationData`."""
    password = asked["AuthParameters"].get("PASSWORD", "")
    request = {"password": password, "validationData": asked.get("ClientMetadata")}
    return _run(sim, pool, client, name, SIGN_IN, request)


def by_forgotten_password(
    sim: Simulator, pool: Pool, client: Client, name: str, asked: dict[str, Any]
) -> User | None:
    return _run(sim, pool, client, name, FORGOT_PASSWORD, {"clientMetadata": asked.get("ClientMetadata")})


def _run(
    sim: Simulator, pool: Pool, client: Client, name: str, source: str, request: dict[str, Any]
) -> User | None:
    arn = pool.setting("LambdaConfig").get("UserMigration")
    if not arn:
        return None
    event = migration_event(source, pool.description, client["ClientId"], name, request)
    failed = AwsError("UserNotFoundException", f"Exception migrating user in app client {client['ClientId']}")
    try:
        response, fate = sim.functions.migrate(arn, event)
        answer = read_answer(response, pool.description, name, proved="password" in request)
    except TriggerFailed:
        raise failed from None
    except BadAnswer as error:
        raise AwsError("UserNotFoundException", str(error)) from None
    if answer is None:
        return None
    if fate is Fate.FORGOTTEN:
        raise failed
    user = _create(sim, pool, client, answer, request.get("password"))
    if fate is Fate.UNSEEN:
        raise failed
    return user


def _create(sim: Simulator, pool: Pool, client: Client, answer: NewUser, password: str | None) -> User:
    """No page tells the error of a name or an alias that somebody holds; here it is UserNotFoundException, as
    for every other answer that cannot be used. The pool's password policy is not applied."""
    sim.happen(BEFORE_CREATION)
    sub = pool.new_sub()
    user = User(
        username=sub if pool.username_attributes else pool.fold(answer.name),
        sub=sub,
        attributes=dict(answer.attributes),
        status="CONFIRMED" if answer.confirmed else "RESET_REQUIRED",
        created=sim.clock(),
        password=password if answer.confirmed else None,
        origin="migration",
        factors=["SMS_MFA"] if answer.sms_mfa else [],
    )
    try:
        source = sim.sign_up_source_of_migration
        if source:
            event = sign_up_event(source, pool, client, user.username, user.attributes, {})
            pre_sign_up(sim.functions, pool, event)
        names.check_free(pool, user.username, user.attributes)
        names.claim_aliases(pool, user, user.attributes, move=answer.move_alias)
    except AwsError as error:
        raise AwsError("UserNotFoundException", error.message) from None
    pool.add(user)
    return user
