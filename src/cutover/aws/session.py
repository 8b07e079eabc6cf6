"""Clients: which Region, which role, which endpoint; and nothing retried behind our back.

Retries are the caller's decision everywhere in this project: a resent sign-in feeds the old pool's lockout,
and a resent table write may land after a newer one. So clients are made with one attempt unless asked.
The endpoint comes from the SDK's own `AWS_ENDPOINT_URL*` variables or from the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    DeferredRefreshableCredentials,
)
from botocore.session import Session as BotocoreSession
from botocore.session import get_session

ROLE_SESSION_NAME = "cutover"


@dataclass(frozen=True)
class Aws:
    """Where calls go. `role_arn` is assumed with credentials that refresh themselves before they expire."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    _sessions: dict[str, boto3.Session] = field(default_factory=dict, compare=False, repr=False)

    def client(
        self,
        service: str,
        *,
        connect_timeout: float = 5.0,
        read_timeout: float = 20.0,
        attempts: int = 1,
        max_connections: int = 10,
        parameter_validation: bool = True,
    ) -> Any:
        """A client of `service`. `attempts` counts the first one; timeouts are in seconds."""
        session: Any = self._session()
        return session.client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            config=Config(
                connect_timeout=connect_timeout,
                read_timeout=read_timeout,
                retries={"total_max_attempts": attempts, "mode": "standard"},
                max_pool_connections=max_connections,
                parameter_validation=parameter_validation,
                user_agent_extra="cutover",
            ),
        )

    def elsewhere(
        self, *, region: str | None = None, role_arn: str | None = None, external_id: str | None = None
    ) -> Aws:
        """The same caller in another Region, or through a role of another account."""
        return Aws(
            region=region or self.region,
            profile=self.profile,
            endpoint_url=self.endpoint_url,
            role_arn=role_arn or self.role_arn,
            external_id=external_id or self.external_id,
        )

    def _session(self) -> boto3.Session:
        if "session" not in self._sessions:
            self._sessions["session"] = self._new_session()
        return self._sessions["session"]

    def _new_session(self) -> boto3.Session:
        if self.role_arn is None:
            return boto3.Session(profile_name=self.profile, region_name=self.region)
        core = get_session() if self.profile is None else BotocoreSession(profile=self.profile)
        return boto3.Session(botocore_session=self._assuming(self.role_arn, core), region_name=self.region)

    def _assuming(self, role_arn: str, core: BotocoreSession) -> Any:
        arguments = {"RoleSessionName": ROLE_SESSION_NAME}
        if self.external_id:
            arguments["ExternalId"] = self.external_id
        endpoint = {"endpoint_url": self.endpoint_url} if self.endpoint_url else {}

        def create_client(service: str, **options: Any) -> Any:
            return core.create_client(
                service, **{**options, **endpoint, "region_name": self.region or options.get("region_name")}
            )

        fetcher = AssumeRoleCredentialFetcher(
            client_creator=create_client,
            source_credentials=core.get_credentials(),
            role_arn=role_arn,
            extra_args=arguments,
        )
        assumed: Any = get_session()
        assumed._credentials = DeferredRefreshableCredentials(  # noqa: SLF001 - no public way to set refreshing ones
            method="assume-role", refresh_using=fetcher.fetch_credentials
        )
        return assumed
