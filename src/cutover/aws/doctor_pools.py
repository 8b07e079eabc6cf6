"""What doctor reads of the two pools and of what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.doctor_reading import Reading
from cutover.aws.faults import error_code
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.pool_admin import PoolAdmin
from cutover.aws.pool_keeper import keeper_of
from cutover.aws.pool_reads import app_clients, attribute_mappings
from cutover.aws.session import Aws
from cutover.aws.sign_in_rate import peak_rate
from cutover.control.app_clients import report_clients
from cutover.control.deployment import Deployment
from cutover.control.doctor.facts import PoolFacts
from cutover.control.old_sub import check_attribute
from cutover.control.pool_ports import PoolState
from cutover.errors import InterlockRefused

DEFAULT_ATTRIBUTE = "custom:old_sub"


@dataclass(frozen=True)
class PoolsReader:
    """`new` and `old` say where each pool is; the paced calls are of cognito-idp there."""

    deployment: Deployment
    new: Aws
    old: Aws
    new_calls: PacedCalls
    old_calls: PacedCalls
    reading: Reading
    at: int

    def read(self) -> dict[str, Any]:
        """The fields of DoctorFacts that are about pools, by name."""
        new = self._pool(self.new_calls, "NewUserPoolId", "the new pool")
        old = self._pool(self.old_calls, "OldUserPoolId", "the old pool")
        return {"new": new, "old": old, **self._of_new(new), **self._old_client(), "peak": self._peak(old)}

    def _pool(self, calls: PacedCalls, parameter: str, name: str) -> PoolFacts | None:
        pool_id = self.deployment.parameter(parameter)
        if pool_id is None:
            return None
        state = self.reading.attempt(name, _described, calls, pool_id, name)
        if state is None:
            return None
        clients = self.reading.attempt(f"the app clients of {name}", app_clients, calls, pool_id)
        providers = self.reading.attempt(
            f"the identity providers of {name}", attribute_mappings, calls, pool_id
        )
        return PoolFacts(state, clients, providers)

    def _of_new(self, new: PoolFacts | None) -> dict[str, Any]:
        if new is None:
            return {}
        clients, providers = new.clients, new.providers
        name = self.deployment.parameter("LegacySubAttribute") or DEFAULT_ATTRIBUTE
        allowed = (self.deployment.parameter("AllowedClientIds") or "").replace(" ", "").split(",")
        cloudformation = self.new.client("cloudformation", attempts=3)
        before = len(self.reading.notes)
        keeper = self.reading.attempt("the new pool's stack", keeper_of, cloudformation, new.state.pool_id)
        return {
            "attribute": None
            if clients is None or providers is None
            else check_attribute(name, new.settings, clients, providers),
            "reports": None
            if clients is None
            else report_clients(clients, new.settings, frozenset(filter(None, allowed))),
            "keeper": keeper,
            "keeper_read": len(self.reading.notes) == before,
        }

    def _old_client(self) -> dict[str, Any]:
        pool_id = self.deployment.parameter("OldUserPoolId")
        client_id = self.deployment.parameter("OldClientId")
        if not pool_id or not client_id:
            return {}
        found = self.reading.attempt("the old pool's app client", self._describe, pool_id, client_id)
        return {} if found is None else {"old_client": found or None, "old_client_found": bool(found)}

    def _describe(self, pool_id: str, client_id: str) -> Mapping[str, Any]:
        """Empty where there is no such client. Of its secret only whether there is one is kept."""
        try:
            reply = self.old_calls.read("describe_user_pool_client", UserPoolId=pool_id, ClientId=client_id)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return {}
        client = dict(reply["UserPoolClient"])
        return {**client, "HasSecret": client.pop("ClientSecret", None) is not None}

    def _peak(self, old: PoolFacts | None) -> float | None:
        if old is None or old.clients is None:
            return None
        ids = [client.id for client in old.clients]
        cloudwatch = self.old.client("cloudwatch", attempts=3)
        return self.reading.attempt(
            "the old pool's sign-ins", peak_rate, cloudwatch, old.state.pool_id, ids, self.at
        )


def _described(calls: PacedCalls, pool_id: str, name: str) -> PoolState:
    try:
        return PoolAdmin(calls, pool_id).describe()
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise InterlockRefused(
            "pool_missing",
            f"{name} does not exist",
            cause=f"{pool_id} is not known in its Region and the account of this caller",
            fix="check the id, the profile and the account",
        ) from error
