"""An update of a pool or an app client, sent once, and what its answer means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from cutover.aws.faults import as_cutover_error, error_code
from cutover.aws.paced_calls import THROTTLES, PacedCalls
from cutover.control.pool_ports import UpdateRefused, UpdateUncertain
from cutover.errors import CutoverError, InterlockRefused

_LOOK_AGAIN = THROTTLES | {
    "ConcurrentModificationException",
    "InternalErrorException",
    "InternalFailure",
    "ServiceUnavailable",
}
"""Done or not: by the time that it can be sent again, what is updated may have moved."""
_VALUE = re.compile(r", value: .*?(?=, (?:type|valid)|$)", re.MULTILINE)
"""What the SDK's validation repeats of a value; it may be a secret, as SmsConfiguration.ExternalId is."""
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError)


class SettingsNotTaken(CutoverError):
    """AWS does not take its own settings back; nothing was changed."""


def send_once(calls: PacedCalls, operation: str, request: Mapping[str, Any], *, name: str) -> None:
    """`name` is what is updated: the pool, the app client. Raises UpdateUncertain and UpdateRefused."""
    try:
        calls.write_once(operation, **request)
    except ClientError as error:
        if error_code(error) in _LOOK_AGAIN:
            raise UpdateUncertain(error_code(error)) from error
        raise UpdateRefused(_refusal(error, name)) from error
    except _NEVER_SENT as error:
        raise UpdateRefused(as_cutover_error(error) or _settings_not_taken("", name)) from error
    except ParamValidationError as error:
        raise UpdateRefused(_settings_not_taken(_VALUE.sub("", str(error)), name)) from error
    except BotoCoreError as error:
        raise UpdateUncertain(error_code(error)) from error


def unknown_setting(paths: list[str], name: str) -> InterlockRefused:
    return InterlockRefused(
        "unknown_setting",
        f"the {name} has settings that the installed SDK cannot carry over",
        cause=f"{', '.join(paths)}: an update would reset them",
        fix="update the SDK (pip install --upgrade boto3), then run the same command again",
    )


def _refusal(error: ClientError, name: str) -> CutoverError:
    if error_code(error) == "UserImportInProgressException":
        return InterlockRefused(
            "import_running",
            "a user import job is running on the pool",
            cause="AWS changes no pool while users are imported into it",
            fix="wait until the job has ended, then run the same command again; nothing was changed",
        )
    if error_code(error) in ("AccessDeniedException", "NotAuthorizedException", "ExpiredTokenException"):
        return as_cutover_error(error) or _settings_not_taken("", name)
    return _settings_not_taken(f"{error_code(error)}: {error.response['Error'].get('Message', '')}", name)


def _settings_not_taken(cause: str, name: str) -> SettingsNotTaken:
    return SettingsNotTaken(
        f"AWS does not take the {name}'s own settings back",
        cause=cause,
        fix=f"put the named setting right in the {name}, then run the same command again; nothing was "
        "changed",
    )
