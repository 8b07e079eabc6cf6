"""The pool that attach and detach change, over the real API."""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from cutover.aws.faults import as_cutover_error, error_code
from cutover.aws.paced_calls import THROTTLES, PacedCalls
from cutover.aws.pool_model import not_carriable, settings_model
from cutover.aws.raw_reply import RawReplies
from cutover.control.pool_ports import PoolState, Settings, SettingsModel, UpdateRefused, UpdateUncertain
from cutover.errors import CutoverError, InterlockRefused

_LOOK_AGAIN = THROTTLES | {
    "ConcurrentModificationException",
    "InternalErrorException",
    "InternalFailure",
    "ServiceUnavailable",
}
"""Done or not: by the time that it can be sent again, the pool may have moved."""
_VALUE = re.compile(r", value: .*?(?=, (?:type|valid)|$)", re.MULTILINE)
"""What the SDK's validation repeats of a value; it may be a secret, as SmsConfiguration.ExternalId is."""
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError)


class SettingsNotTaken(CutoverError):
    """AWS does not take the pool's own settings back; nothing was changed."""


class PoolAdmin:
    """One pool. `calls` hold a client of cognito-idp that nothing else uses."""

    def __init__(self, calls: PacedCalls, pool_id: str) -> None:
        self._calls = calls
        self._pool_id = pool_id
        self._raw = RawReplies(calls.client, "DescribeUserPool")
        self._model = settings_model(calls.client)

    @property
    def model(self) -> SettingsModel:
        return self._model

    def describe(self) -> PoolState:
        settings = self._calls.read("describe_user_pool", UserPoolId=self._pool_id)["UserPool"]
        lost = not_carriable(self._calls.client, self._raw.newest()["UserPool"])
        if lost:
            raise _unknown_setting(lost)
        mfa = self._calls.read("get_user_pool_mfa_config", UserPoolId=self._pool_id)
        mfa.pop("ResponseMetadata", None)
        return PoolState(self._pool_id, settings, mfa)

    def update(self, request: Settings) -> None:
        try:
            self._calls.write_once("update_user_pool", **request)
        except ClientError as error:
            if error_code(error) in _LOOK_AGAIN:
                raise UpdateUncertain(error_code(error)) from error
            raise UpdateRefused(_refusal(error)) from error
        except _NEVER_SENT as error:
            raise UpdateRefused(as_cutover_error(error) or _settings_not_taken("")) from error
        except ParamValidationError as error:
            raise UpdateRefused(_settings_not_taken(_VALUE.sub("", str(error)))) from error
        except BotoCoreError as error:
            raise UpdateUncertain(error_code(error)) from error

    def add_attribute(self, definition: Settings) -> None:
        self._calls.write(
            "add_custom_attributes", UserPoolId=self._pool_id, CustomAttributes=[dict(definition)]
        )


def _refusal(error: ClientError) -> CutoverError:
    if error_code(error) == "UserImportInProgressException":
        return InterlockRefused(
            "import_running",
            "a user import job is running on the pool",
            cause="AWS changes no pool while users are imported into it",
            fix="wait until the job has ended, then run the same command again; nothing was changed",
        )
    if error_code(error) in ("AccessDeniedException", "NotAuthorizedException", "ExpiredTokenException"):
        return as_cutover_error(error) or _settings_not_taken("")
    return _settings_not_taken(f"{error_code(error)}: {error.response['Error'].get('Message', '')}")


def _settings_not_taken(cause: str) -> SettingsNotTaken:
    return SettingsNotTaken(
        "AWS does not take the pool's own settings back",
        cause=cause,
        fix="put the named setting right in the pool, then run the same command again; nothing was changed",
    )


def _unknown_setting(paths: list[str]) -> InterlockRefused:
    return InterlockRefused(
        "unknown_setting",
        "the pool has settings that the installed SDK cannot carry over",
        cause=f"{', '.join(paths)}: an update would reset them",
        fix="update the SDK (pip install --upgrade boto3), then run the same command again",
    )
