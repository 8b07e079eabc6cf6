"""An app client that attach and detach change, over the real API."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cutover.aws.carried import Carried
from cutover.aws.faults import error_code
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.raw_reply import RawReplies
from cutover.aws.update_faults import send_once, unknown_setting
from cutover.control.client_settings import CLIENT_NOT_CARRIED, ClientState
from cutover.control.pool_ports import Settings, SettingsModel

_MEMBER = "UserPoolClient"


class ClientAdmin:
    """One app client of one pool. Its secret stays in here: no state and no request holds it."""

    def __init__(self, calls: PacedCalls, pool_id: str, client_id: str) -> None:
        self._calls, self._pool_id, self._client_id = calls, pool_id, client_id
        self._raw = RawReplies(calls.client, "DescribeUserPoolClient")
        self._carried = Carried.of(
            calls.client, "UpdateUserPoolClient", "DescribeUserPoolClient", _MEMBER, CLIENT_NOT_CARRIED
        )
        self._model = self._carried.model()

    @property
    def model(self) -> SettingsModel:
        return self._model

    @property
    def pool_id(self) -> str:
        return self._pool_id

    def describe(self) -> ClientState | None:
        try:
            reply = self._calls.read(
                "describe_user_pool_client", UserPoolId=self._pool_id, ClientId=self._client_id
            )
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
        lost = self._carried.lost(self._raw.newest()[_MEMBER])
        if lost:
            raise unknown_setting(lost, f"app client {self._client_id}")
        settings = dict(reply[_MEMBER])
        secret = settings.pop("ClientSecret", None)
        return ClientState(settings, has_secret=bool(secret))

    def update(self, request: Settings) -> None:
        send_once(self._calls, "update_user_pool_client", request, name=f"app client {self._client_id}")
