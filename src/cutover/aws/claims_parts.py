"""The claims function put together from its settings.

Time: Cognito waits five seconds for the whole. The ledger gets at most one of them, and is given up then,
so that the application's own function has its share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cutover.aws.claims_ledger import ClaimsLedger
from cutover.aws.session import Aws
from cutover.users.claims import claims_of
from cutover.users.claims_settings import ClaimsSettings
from cutover.users.token_events import Claims, TokenRequest

CONNECT = READ = 0.5
"""Seconds."""


@dataclass(frozen=True)
class ClaimsParts:
    settings: ClaimsSettings
    ledger: ClaimsLedger
    clock: Callable[[], float]

    def claims(self, request: TokenRequest) -> Claims:
        """Raises Stop where the ledger does not answer."""
        return claims_of(request, self.settings, self.ledger, self.clock())


def claims_parts(settings: ClaimsSettings, aws: Aws, clock: Callable[[], float]) -> ClaimsParts:
    """The client is made here, once; nothing is called yet."""
    client = aws.client("dynamodb", connect_timeout=CONNECT, read_timeout=READ, attempts=1)
    return ClaimsParts(settings, ClaimsLedger(client, settings.ledger_table, settings.new_pool_id), clock)
