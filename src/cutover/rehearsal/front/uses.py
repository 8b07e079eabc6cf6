"""Which caller used which AWS operation: what a role's permissions are measured against.

When it enforces IAM, the emulator gives each function's process the credentials of its execution role, so
the access key of a signature tells functions apart (https://docs.aws.amazon.com/IAM/latest/UserGuide/
reference_sigv-authentication-methods.html). `GET /_rehearsal/uses` returns what was seen, as a list of
`[access key, service, operation]`.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

from cutover.rehearsal.front.forward import Reply, Request, Upstream

PATH = "/_rehearsal/uses"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/[^/]+/([^/]+)/aws4_request")


class Uses:
    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()

    def play(self, request: Request, upstream: Upstream) -> Reply | None:  # noqa: ARG002
        """Notes the request and lets it through; answers for PATH."""
        if request.path == PATH:
            return Reply(200, json.dumps(sorted(self._seen)).encode())
        signed = _CREDENTIAL.search(request.headers.get("authorization", ""))
        if signed:
            self._seen.add((signed[1], signed[2], operation(request)))
        return None


def operation(request: Request) -> str:
    """The operation's name in the JSON and query protocols; method and path in the REST ones."""
    target = request.headers.get("x-amz-target", "")
    if target:
        return target.rsplit(".", 1)[-1]
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(request.body.decode("utf-8", "replace")).get("Action", [""])[0]
    return f"{request.method} {request.path.split('?')[0]}"
