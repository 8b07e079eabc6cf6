"""Credentials of a role, taken anew before they end, and at once where AWS says that they have ended.

The SDK renews a role's credentials by their expiry and this machine's clock. That misses two cases: a clock
that is behind, and a session that AWS no longer knows (the role was made anew). A call that is refused for
that was not done, so it is signed with new credentials and sent once more, whatever retries the client has:
a run of many hours outlives every session of its role. What the caller itself holds cannot be renewed here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

ENDED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)
"""The session has ended or is not known.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""

_METHOD = "assume-role"
_SIGNED_BY = "cutover_signed_by"
_KEY = re.compile(r"Credential=([^/]+)/")


class RoleCredentials(DeferredRefreshableCredentials):
    """`cache` is the fetcher's own. One set is shared by the threads of a process."""

    def __init__(self, fetcher: AssumeRoleCredentialFetcher, cache: dict[str, Any]) -> None:
        super().__init__(refresh_using=self._fetch, method=_METHOD)
        self._fetcher = fetcher
        self._taken = cache
        self._held: str | None = None
        self._ended: str | None = None

    def ended(self, access_key: str) -> None:
        """The session of this key has ended: the role is taken anew, unless another thread did so already."""
        self._ended = access_key

    def refresh_needed(self, refresh_in: int | None = None) -> bool:
        ended = self._held is not None and self._held == self._ended
        return ended or bool(super().refresh_needed(refresh_in))

    def _fetch(self) -> Any:
        """Raises CredentialRetrievalError for what has ended as it comes; the SDK raises a RuntimeError."""
        if self._held == self._ended:
            self._taken.clear()  # the fetcher would give out what has ended
        taken = self._fetcher.fetch_credentials()
        if datetime.fromisoformat(str(taken["expiry_time"])) <= datetime.now(UTC):
            raise CredentialRetrievalError(
                provider=_METHOD, error_msg="they have ended as they came: this clock is far ahead"
            )
        self._held = str(taken["access_key"])
        return taken


def renewing(client: Any, credentials: RoleCredentials) -> Any:
    """The client, which sends a call once more where it was refused because the role's session has ended."""

    def remember(request: Any, **_: Any) -> None:
        found = _KEY.search(_text(request.headers.get("Authorization", "")))
        request.context[_SIGNED_BY] = found and found.group(1)

    def again(response: Any = None, attempts: int = 1, request_dict: Any = None, **_: Any) -> float | None:
        """Botocore's `needs-retry`: seconds to wait, or None for no."""
        if response is None or attempts > 1 or _code(response[1]) not in ENDED:
            return None
        credentials.ended(request_dict["context"][_SIGNED_BY])
        return 0.0

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_last(f"request-created.{service}", remember)
    client.meta.events.register_first(f"needs-retry.{service}", again)
    return client


def _text(header: Any) -> str:
    return header.decode() if isinstance(header, bytes) else str(header)


def _code(parsed: Any) -> str:
    return str(parsed.get("Error", {}).get("Code", "")) if isinstance(parsed, dict) else ""
