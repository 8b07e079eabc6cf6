"""The ledger's rows of table pairs: who may write, how fast, and how often something went another way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.authority import PairState, may_write
from cutover.tables.items import key_id
from cutover.tables.ledger_rows import AUTHORITY, COUNTERS, PACE, pair_key, pair_state
from cutover.tables.ports import AuthorityLost, TableFault


class PairLedger:
    """Reads are strongly consistent and never kept: what was true a slice ago says nothing about now."""

    def __init__(
        self,
        client: Any,
        ledger_table: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._name = ledger_table
        self._rows = DynamoTable(client, ledger_table, ("pk", "sk"), sleep=sleep, rng=rng)

    def state(self, pair_id: str) -> PairState:
        """Authority and pace of a pair. Raises TableFault when the ledger cannot be read or understood."""
        keys = [pair_key(pair_id, AUTHORITY), pair_key(pair_id, PACE)]
        authority, pace = keys
        rows = self._rows.get(keys)
        try:
            return pair_state(rows.get(key_id(authority)), rows.get(key_id(pace)))
        except ValueError as error:
            raise TableFault(self._name, str(error)) from error

    def permit(self, pair_id: str, direction: str, epoch: int) -> PairPermit:
        """A permit for one writer, which holds as long as the row is of this direction and epoch."""
        return PairPermit(self, pair_id, direction, epoch)

    def count(self, pair_id: str, **counters: int) -> bool:
        """Add to the pair's counters. They are information: False, and no more, where it did not succeed."""
        amounts = {name: amount for name, amount in counters.items() if amount}
        if not amounts:
            return True
        try:
            self._client.update_item(
                TableName=self._name,
                Key=pair_key(pair_id, COUNTERS),
                UpdateExpression="ADD " + ", ".join(f"#{name} :{name}" for name in amounts),
                ExpressionAttributeNames={f"#{name}": name for name in amounts},
                ExpressionAttributeValues={f":{name}": {"N": str(n)} for name, n in amounts.items()},
            )
        except AWS_ERRORS:
            return False
        return True


@dataclass(frozen=True)
class PairPermit:
    """The word on authority that `converge` asks for before every slice of writes."""

    ledger: PairLedger
    pair_id: str
    direction: str
    epoch: int

    def check(self) -> None:
        """Raises AuthorityLost when this writer may not write (any more), or while the pair is paused."""
        state = self.ledger.state(self.pair_id)
        found = state.authority
        expected = f"{self.direction} in epoch {self.epoch}"
        if not may_write(found, self.direction, self.epoch):
            raise AuthorityLost(
                self.pair_id, expected, f"{found.ruler} rules, {found.direction} in epoch {found.epoch}"
            )
        if state.paused:
            raise AuthorityLost(self.pair_id, expected, f"paused: {state.reason or 'no reason given'}")
