"""What an app client allows: its flows, its secret, and how much it tells of who exists."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from cutover.rehearsal.front.forward import Reply, refusal

Client = Mapping[str, Any]
_FLOWS = {
    "USER_PASSWORD_AUTH": ({"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"}, "USER_PASSWORD_AUTH flow"),
    "ADMIN_USER_PASSWORD_AUTH": ({"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}, "Auth flow"),
    "ADMIN_NO_SRP_AUTH": ({"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}, "Auth flow"),
}


def flow_error(client: Client, flow: str) -> Reply | None:
    """A password flow that the client leaves out: `pages.MIGRATION_ERRORS`, `pages.CLIENT_FLOWS`
    (a client that names no flow has SRP, custom and refresh)."""
    if flow not in _FLOWS:
        return None
    admitted, name = _FLOWS[flow]
    if admitted & set(client.get("ExplicitAuthFlows") or ()):
        return None
    return refusal("InvalidParameterException", f"{name} not enabled for this client")


def secret_hash(client: Client, name: str) -> str:
    """`pages.SECRET_HASH`: over the name as it was sent, and the client's id."""
    message = (name + str(client["ClientId"])).encode()
    return base64.b64encode(
        hmac.digest(str(client["ClientSecret"]).encode(), message, hashlib.sha256)
    ).decode()


def secret_error(client: Client, name: str, given: str | None) -> Reply | None:
    """A client with a secret wants its hash: `pages.SECRET_HASH`."""
    if not client.get("ClientSecret"):
        return None
    if not given:
        text = f"Client {client['ClientId']} is configured with secret but SECRET_HASH was not received"
        return refusal("NotAuthorizedException", text)
    if not hmac.compare_digest(given.encode(), secret_hash(client, name).encode()):
        return refusal(
            "NotAuthorizedException", f"Unable to verify secret hash for client {client['ClientId']}"
        )
    return None


def hides_existence(client: Client) -> bool:
    """PreventUserExistenceErrors, LEGACY where it was not set: `pages.EXISTENCE_ERRORS`."""
    return bool(client.get("PreventUserExistenceErrors") == "ENABLED")
