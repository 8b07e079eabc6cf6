"""Clients: which Region, which role, which endpoint; and nothing retried behind our back.

Retries are the caller's decision everywhere in this project: a resent sign-in feeds the old pool's lockout,
and a resent table write may land after a newer one. So clients are made with one attempt unless asked.
The endpoint comes from the SDK's own `AWS_ENDPOINT_URL*` variables or from the command line.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher
from botocore.exceptions import NoCredentialsError
from botocore.session import Session as BotocoreSession

from cutover.aws.role_credentials import RoleCredentials, renewing
from cutover.errors import UsageError

ROLE_SESSION_NAME = "cutover"
_STS = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"})
"""A trigger that has to assume a role first has five seconds for everything."""


@dataclass(frozen=True)
class Aws:
    """Where calls go. `role_arn` is assumed with credentials that are taken anew before they end, and where
    AWS says that they have ended."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    _sessions: dict[str, tuple[Any, boto3.Session]] = field(default_factory=dict, compare=False, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

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
        """A client of `service`. `attempts` counts the first one; timeouts are in seconds.

        Raises UsageError for an endpoint that is no address.

        Clients may be made and used by several threads; a session may not, hence the lock:
        https://boto3.amazonaws.com/v1/documentation/api/latest/guide/session.html
        """
        with self._making:
            core, boto = self._session()
            session: Any = boto
            config = Config(
                connect_timeout=connect_timeout,
                read_timeout=read_timeout,
                retries={"total_max_attempts": attempts, "mode": "standard"},
                max_pool_connections=max_connections,
                parameter_validation=parameter_validation,
                user_agent=f"{core.user_agent()} cutover",  # put together once
            )
            try:
                client = session.client(
                    service, region_name=self.region, endpoint_url=self.endpoint_url, config=config
                )
            except ValueError as error:
                raise UsageError(
                    "an endpoint is no address",
                    cause=str(error),
                    fix="write --endpoint-url, AWS_ENDPOINT_URL and its like as https://host:port",
                ) from error
            held = session.get_credentials()
        return renewing(client, held) if isinstance(held, RoleCredentials) else client

    def elsewhere(
        self, *, region: str | None = None, role_arn: str | None = None, external_id: str | None = None
    ) -> Aws:
        """The same caller in another Region, or through a role of another account.

        The same caller keeps its session: loading one costs a trigger's cold start more than a client does.
        """
        same = (role_arn or self.role_arn, external_id or self.external_id) == (
            self.role_arn,
            self.external_id,
        )
        shared: dict[str, Any] = {"_sessions": self._sessions, "_making": self._making} if same else {}
        return Aws(
            region=region or self.region,
            profile=self.profile,
            endpoint_url=self.endpoint_url,
            role_arn=role_arn or self.role_arn,
            external_id=external_id or self.external_id,
            **shared,
        )

    def _session(self) -> tuple[Any, boto3.Session]:
        """botocore's own and boto3's around it."""
        if "session" not in self._sessions:
            self._sessions["session"] = self._new_session()
        return self._sessions["session"]

    def _new_session(self) -> tuple[Any, boto3.Session]:
        core = BotocoreSession(profile=self.profile)
        if self.role_arn is not None:
            core = self._assuming(self.role_arn, core)
        return core, boto3.Session(botocore_session=core)

    def _assuming(self, role_arn: str, core: BotocoreSession) -> Any:
        source = core.get_credentials()
        if source is None:
            raise NoCredentialsError
        arguments = {"RoleSessionName": ROLE_SESSION_NAME}
        if self.external_id:
            arguments["ExternalId"] = self.external_id
        endpoint = {"endpoint_url": self.endpoint_url} if self.endpoint_url else {}

        def create_client(service: str, **options: Any) -> Any:
            region = self.region or options.get("region_name")
            return core.create_client(
                service, **{**options, **endpoint, "region_name": region, "config": _STS}
            )

        cache: dict[str, Any] = {}
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=create_client,
            source_credentials=source,
            role_arn=role_arn,
            extra_args=arguments,
            cache=cache,
        )
        assumed: Any = BotocoreSession(profile=self.profile)
        assumed._credentials = RoleCredentials(fetcher, cache)  # noqa: SLF001 - no public way to set refreshing ones
        return assumed
