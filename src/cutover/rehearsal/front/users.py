"""Small corrections of calls about users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cutover.rehearsal.front.forward import Reply, Request, Upstream

_STATUS_FILTER = re.compile(r'^"?cognito:user_status"?\s*(\^?=)\s*"([^"]*)"$')
PAGE = 60


def list_users(request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG001
    """The filter on `cognito:user_status` (`pages.LIST_USERS`), which the emulator overlooks."""
    data = request.json()
    found = _STATUS_FILTER.match(str(data.get("Filter", "")).strip())
    if not found:
        return upstream.send(request)
    matching, reply = _all_with_status(request, upstream, found[1], found[2])
    if not reply.ok:
        return reply
    start = int(data.get("PaginationToken") or 0)
    end = start + min(int(data.get("Limit") or PAGE), PAGE)
    more = {"PaginationToken": str(end)} if end < len(matching) else {}
    return reply.with_json({"Users": matching[start:end], **more})


def _all_with_status(
    request: Request, upstream: Upstream, operator: str, status: str
) -> tuple[list[dict[str, Any]], Reply]:
    query = {"UserPoolId": request.json().get("UserPoolId"), "Limit": PAGE}
    matching: list[dict[str, Any]] = []
    while True:
        reply = upstream.send(request.with_json(query))
        page = reply.json()
        for user in page.get("Users", ()):
            same = user["UserStatus"] == status
            if same or (operator == "^=" and user["UserStatus"].startswith(status)):
                matching.append(user)
        if not page.get("PaginationToken"):
            return matching, reply
        query["PaginationToken"] = page["PaginationToken"]
