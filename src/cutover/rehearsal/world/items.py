"""Made-up items of every attribute type, as typed attribute maps. Pure."""

from __future__ import annotations

import random
from typing import Any

Item = dict[str, Any]
WORDS = (
    *("amber", "bold", "calm", "dusk", "ember", "fern", "gold", "haze", "iris", "jade", "kelp"),
    *("lime", "mint", "navy", "opal", "pine", "rust", "sage", "teal"),
)


def order(number: int, rng: random.Random) -> Item:
    """An order: key `order_id` (S); numbers of 38 digits, sets, nested lists and maps, a null, binary."""
    lines = [{"M": _line(rng)} for _ in range(rng.randrange(1, 4))]
    item: Item = {
        "order_id": {"S": f"o-{number:06d}"},
        "customer": {"S": f"c-{rng.randrange(2000):04d}"},
        "total": {"N": f"{rng.randrange(100, 99999)}.{rng.randrange(100):02d}"},
        "exact": {"N": str(rng.randrange(10**37, 10**38))},
        "paid": {"BOOL": rng.random() < 0.7},
        "coupon": {"NULL": True} if rng.random() < 0.5 else {"S": rng.choice(WORDS).upper()},
        "tags": {"SS": sorted(rng.sample(WORDS, rng.randrange(1, 4)))},
        "stages": {"NS": [str(stage) for stage in rng.sample(range(100), 3)]},
        "prints": {"BS": [rng.randbytes(6), rng.randbytes(7)]},
        "signature": {"B": rng.randbytes(24)},
        "lines": {"L": lines},
        "address": {"M": {"city": {"S": rng.choice(WORDS)}, "geo": {"L": [_number(rng), _number(rng)]}}},
        "empty": {"M": {"text": {"S": ""}, "bytes": {"B": b""}, "list": {"L": []}, "map": {"M": {}}}},
    }
    return item


def event(number: int, rng: random.Random) -> Item:
    """A row of a person's history: keys `person` (S) and `moment` (B, a binary sort key)."""
    return {
        "person": {"S": f"p-{number % 700:04d}"},
        "moment": {"B": number.to_bytes(8, "big")},
        "what": {"S": rng.choice(("login", "search", "view", "purchase", "löschen", "検索"))},
        "weight": {"N": f"{rng.random():.6f}E-{rng.randrange(1, 60)}"},
        "payload": {"B": rng.randbytes(rng.randrange(1, 60))},
        "seen": {"SS": sorted(rng.sample(WORDS, 2))},
        "deep": {"M": {"a": {"L": [{"M": {"b": {"B": rng.randbytes(3)}}}, {"NULL": True}]}}},
        "ok": {"BOOL": rng.random() < 0.5},
    }


def _line(rng: random.Random) -> Item:
    return {"sku": {"S": rng.choice(WORDS)}, "count": {"N": str(rng.randrange(1, 9))}, "price": _number(rng)}


def _number(rng: random.Random) -> Item:
    return {"N": f"{rng.uniform(-1e6, 1e6):.4f}"}
