"""The migration trigger as Cognito runs it: `pages.MIGRATION_TRIGGER`, `pages.MIGRATION_IMPORT`.

It runs only for a name that is neither a user nor an alias in the pool, on a sign-in with a password and on a
forgotten password. The user is made by AdminCreateUser and AdminSetUserPassword, so the emulated pool's
password policy must admit the password (the real service does not apply it to a migrated one).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cutover.rehearsal.front.answer import ALIASES, BadAnswer, NewUser, read_answer
from cutover.rehearsal.front.forward import Reply, refusal
from cutover.rehearsal.front.pools import Pools, pairs_of
from cutover.rehearsal.front.sign_up import SignUps
from cutover.rehearsal.front.trigger import TriggerFailed, call, may_invoke, migration_event

SIGN_IN = "UserMigration_Authentication"
FORGOT_PASSWORD = "UserMigration_ForgotPassword"  # noqa: S105 - the name of a trigger source


class Migration:
    """`functions` is the Lambda client of `trigger.call`; `sign_ups` ask the pool's PreSignUp function."""

    def __init__(self, pools: Pools, functions: Any, sign_ups: SignUps) -> None:
        self._pools = pools
        self._functions = functions
        self._sign_ups = sign_ups

    def of_sign_in(
        self, pool: Mapping[str, Any], client_id: str, name: str, password: str, metadata: object
    ) -> Reply | None:
        """A refusal, or None: the user is there now, or the trigger knows nobody of that name. The client's
        metadata arrives as `validationData`."""
        request = {"password": password, "validationData": metadata}
        return self._run(SIGN_IN, pool, client_id, name, request)

    def of_forgotten_password(
        self, pool: Mapping[str, Any], client_id: str, name: str, metadata: object
    ) -> Reply | None:
        """As `of_sign_in`; no password is sent, and the metadata arrives as `clientMetadata`."""
        return self._run(FORGOT_PASSWORD, pool, client_id, name, {"clientMetadata": metadata})

    def uninvited(self, pool: Mapping[str, Any], trigger: str) -> Reply | None:
        """A refusal where the pool names a function that Cognito may not invoke: `pages.MIGRATION_ERRORS`
        has it of the migration trigger, and every trigger is invoked by the same principal."""
        arn = (pool.get("LambdaConfig") or {}).get(trigger)
        if not arn or may_invoke(self._functions, arn, str(pool["Arn"])):
            return None
        text = f"{trigger} invocation failed due to error AccessDeniedException."
        return refusal("UnexpectedLambdaException", text)

    def _run(
        self, source: str, pool: Mapping[str, Any], client_id: str, name: str, request: Mapping[str, Any]
    ) -> Reply | None:
        arn = (pool.get("LambdaConfig") or {}).get("UserMigration")
        if not arn:
            return None
        event = migration_event(source, pool, client_id, name, request)
        password = request.get("password")
        try:
            response = call(self._functions, arn, str(pool["Arn"]), event)
            user = read_answer(response, pool, name, proved=password is not None)
            if user is not None:
                metadata = request.get("validationData") or request.get("clientMetadata")
                refused = self._sign_ups.refused_in_migration(
                    pool, client_id, user.name, user.attributes, metadata
                )
                if refused:
                    return refused
                self._create(pool, user, password)
        except TriggerFailed:
            return refusal("UserNotFoundException", f"Exception migrating user in app client {client_id}")
        except BadAnswer as error:
            return refusal("UserNotFoundException", str(error))
        except ClientError as error:
            return refusal("UserNotFoundException", error.response["Error"]["Message"])
        return None

    def _create(self, pool: Mapping[str, Any], user: NewUser, password: str | None) -> None:
        pool_id = str(pool["Id"])
        self._free_aliases(pool, user)
        cognito = self._pools.cognito
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=user.name,
            UserAttributes=pairs_of(user.attributes),
            MessageAction="SUPPRESS",
            TemporaryPassword=_unguessable(),
        )
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=user.name, Password=password or _unguessable(), Permanent=True
        )
        if user.sms_mfa:
            cognito.admin_set_user_mfa_preference(
                UserPoolId=pool_id, Username=user.name, SMSMfaSettings={"Enabled": True}
            )
        if not user.confirmed:
            cognito.admin_reset_user_password(UserPoolId=pool_id, Username=user.name)

    def _free_aliases(self, pool: Mapping[str, Any], user: NewUser) -> None:
        """An alias that somebody else holds fails the migration, unless the trigger said to move it. No page
        tells the text of that failure."""
        for alias in set(ALIASES[:2]) & set(pool.get("AliasAttributes") or ()):
            value = user.attributes.get(alias)
            if not value or user.attributes.get(f"{alias}_verified") != "true":
                continue
            holder = self._pools.holder_of(str(pool["Id"]), alias, value)
            if holder is None:
                continue
            if not user.move_alias:
                raise BadAnswer("An account with the given alias already exists.")
            self._pools.cognito.admin_update_user_attributes(
                UserPoolId=pool["Id"],
                Username=holder,
                UserAttributes=pairs_of({f"{alias}_verified": "false"}),
            )


def _unguessable() -> str:
    return "Aa1!" + secrets.token_urlsafe(24)
