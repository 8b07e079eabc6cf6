"""The pool that attach and detach change, over the real API."""

from __future__ import annotations

from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_model import not_carriable, settings_model
from cutover.aws.raw_reply import RawReplies
from cutover.aws.update_faults import send_once, unknown_setting
from cutover.control.pool_ports import PoolState, Settings, SettingsModel


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
            raise unknown_setting(lost, "pool")
        mfa = self._calls.read("get_user_pool_mfa_config", UserPoolId=self._pool_id)
        mfa.pop("ResponseMetadata", None)
        return PoolState(self._pool_id, settings, mfa)

    def update(self, request: Settings) -> None:
        send_once(self._calls, "update_user_pool", request, name="pool")

    def add_attribute(self, definition: Settings) -> None:
        self._calls.write(
            "add_custom_attributes", UserPoolId=self._pool_id, CustomAttributes=[dict(definition)]
        )
