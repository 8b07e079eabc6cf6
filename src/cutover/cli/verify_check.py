"""`cutover verify --check`: is this certificate the one that was made, and are the tables still like that?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cutover.aws.certificate_ledger import find_certificate
from cutover.aws.open_pairs import ledger_of
from cutover.cli.options import Invocation
from cutover.cli.pair_options import PairChoice, open_pairs
from cutover.cli.verify_certify import certified
from cutover.cli.verify_options import Wanted
from cutover.cli.verify_plan import make_plan
from cutover.cli.verify_screen import plans_text
from cutover.cli.verify_work import verify_pair
from cutover.control.deployment import Deployment
from cutover.errors import DifferencesFound, UsageError
from cutover.tables.certificate import NotACertificate, differences, opened
from cutover.tables.patience import Patience


def check(
    invocation: Invocation, deployment: Deployment, choice: PairChoice, wanted: Wanted, path: Path
) -> int:
    """Raises DifferencesFound where the file, the ledger or the tables say something else."""
    certificate, sha256 = _read(path)
    ledger, patience = ledger_of(deployment, invocation.aws), Patience(say=invocation.render.say)
    for statement in certificate["pairs"]:
        at = int(certificate["made_at"])
        kept = patience(lambda: find_certificate(ledger, statement["pair"], at, sha256))  # noqa: B023 - at once
        if kept != statement:
            raise DifferencesFound(
                f"{path} is not the certificate that was made of {statement['pair']}",
                cause="the ledger "
                + ("holds no such certificate" if kept is None else "holds another statement under its hash"),
                fix="find the original, and whoever changed this one",
            )
    found = (
        _recomputed(invocation, deployment, choice, wanted, certificate, path) if wanted.recompute else None
    )
    invocation.render.result(
        "verify",
        {"certificate": {"file": str(path), "sha256": sha256, **certificate}, "recomputed": found},
        text="\n".join((*_known(path, certificate, sha256), *_same(found or ()))),
        next_command=invocation.command("status"),
    )
    return 0


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        return opened(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read", cause=str(error), fix="name a certificate") from error
    except NotACertificate as error:
        raise DifferencesFound(
            f"{path} is no certificate that cutover has made", cause=str(error), fix="find the original"
        ) from error


def _recomputed(
    invocation: Invocation,
    deployment: Deployment,
    choice: PairChoice,
    wanted: Wanted,
    certificate: Mapping[str, Any],
    path: Path,
) -> list[dict[str, Any]]:
    statements = {statement["pair"]: statement for statement in certificate["pairs"]}
    pairs = open_pairs(invocation, deployment, replace(choice, pairs=tuple(statements), tables=()))
    plans = [make_plan(invocation, deployment, one, wanted, choice) for one in pairs]
    invocation.render.say(plans_text(plans))
    done = [verify_pair(invocation, plan) for plan in plans]
    now = [one.statement() for one in certified(pairs, done)]
    for statement in now:
        before = statements[statement["pair"]]
        if found := differences(before, statement):
            raise DifferencesFound(
                f"the tables of {statement['pair']} are no longer what {path} says",
                cause="both were read again: "
                + "; ".join(_now_and_then(name, before, statement) for name in found),
                fix="none where they were written since: a certificate says what was held when it was made. "
                "Where nobody should have, find out who did",
            )
    return now


_CALLED = {
    "wanted": "the source asks for other items",
    "held": "the target holds other items for those of the source",
    "native": "the target holds other items of its own",
    "transform": "the pair has another transform",
    "transform_sha256": "the transform has another text",
    "source table": "the source is another table",
    "target table": "the target is another table",
}


def _now_and_then(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    values = (now.get(name), before.get(name))
    if all(isinstance(value, Mapping) for value in values):
        return f"{_CALLED[name]}: {_sum(now[name])} now, {_sum(before[name])} in the certificate"
    return _CALLED[name]


def _sum(of: Mapping[str, Any]) -> str:
    return f"{of['items']:,} items of digest {of['digest']}"


def _known(path: Path, certificate: Mapping[str, Any], sha256: str) -> Iterator[str]:
    yield f"{path} is the certificate that the ledger knows: SHA-256 {sha256}"
    for statement in certificate["pairs"]:
        yield f"{statement['pair']}: it says that both sides held {_sum(statement['held'])}"


def _same(recomputed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for statement in recomputed:
        yield (
            f"{statement['pair']}: both tables were read again, and both sides still hold exactly that: "
            f"{_sum(statement['held'])}"
        )
