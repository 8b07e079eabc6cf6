"""`cutover verify --certify`: the proof that both sides of each pair are equal, after the freeze."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cutover import __version__
from cutover.aws.certificate_ledger import save_certificate
from cutover.aws.freeze_reader import FreezeReader
from cutover.aws.open_pairs import OpenedPair
from cutover.cli.certificate_file import CertificateFile
from cutover.cli.options import Invocation
from cutover.cli.pair_options import PairChoice, open_pairs
from cutover.cli.report_file import ReportFile
from cutover.cli.verify_end import report_of, tell
from cutover.cli.verify_options import Wanted
from cutover.cli.verify_plan import VerifyPlan, make_plan
from cutover.cli.verify_screen import freeze_text, plans_text
from cutover.cli.verify_work import verify_pair
from cutover.control.deployment import Deployment
from cutover.control.freezing import FreezeFacts, moved, refusals
from cutover.control.refusals import raise_first
from cutover.errors import InterlockRefused
from cutover.tables.certificate import Certified, make, sealed
from cutover.tables.kinds import Kind
from cutover.tables.patience import Patience
from cutover.tables.transform_code import transform_hash, transform_name
from cutover.tables.verification import Verification
from cutover.tables.verify_report import Verified


def certify(
    invocation: Invocation,
    deployment: Deployment,
    choice: PairChoice,
    wanted: Wanted,
    path: Path,
    *,
    dry_run: bool,
) -> int:
    """Raises InterlockRefused where a pair does not stand still, UsageError, and as `verify_pair` does."""
    file = CertificateFile.promised(path)
    reader = FreezeReader(invocation.aws, deployment)
    opened = open_pairs(invocation, deployment, choice)
    before = [reader.read(one) for one in opened]
    refused = [refusal for facts in before for refusal in refusals(facts)]
    plans = [
        make_plan(invocation, deployment, one, wanted, choice, facts)
        for one, facts in zip(opened, before, strict=True)
    ]
    if dry_run:
        data = {
            "dry_run": True,
            "pairs": [plan.data() for plan in plans],
            "refused": [refusal.as_json() for refusal in refused],
        }
        invocation.render.result("verify", data, text=plans_text(plans) + freeze_text(refused))
        return 0
    raise_first(refused, next_command=invocation.command("status"))
    invocation.render.say(plans_text(plans))
    _stand_still(invocation, reader, opened, before, plans)
    report = ReportFile.claim(wanted.report) if wanted.report else None
    done = [verify_pair(invocation, plan) for plan in plans]
    if report:
        report.write(report_of(done))
    if any(one.result.differences for one in done):
        return tell(invocation, done, wanted, {"certificate": None})
    for one in done:
        refuse_unjudged(one.pair_id, one.result)
    _stand_still(invocation, reader, opened, before, plans)
    return _write(invocation, opened, done, wanted, file)


def _write(
    invocation: Invocation,
    opened: Sequence[OpenedPair],
    done: Sequence[Verified],
    wanted: Wanted,
    file: CertificateFile,
) -> int:
    """The ledger first: a row without a file misleads nobody, a file that the ledger does not know would."""
    document = sealed(make(certified(opened, done), version=__version__, at=int(time.time())))
    patience = Patience(say=invocation.render.say)
    patience(lambda: save_certificate(opened[0].ledger, document["certificate"], document["sha256"]))
    file.write(document)
    invocation.render.say(
        f"{file.path} is the certificate, and the ledger knows it: SHA-256 {document['sha256']}"
    )
    return tell(invocation, done, wanted, {"certificate": _told(file, document)})


def _told(file: CertificateFile, document: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": str(file.path), "sha256": document["sha256"]}


def certified(opened: Sequence[OpenedPair], done: Sequence[Verified]) -> list[Certified]:
    return [
        Certified(
            verified=verified,
            source=one.source_facts,
            target=one.target_facts,
            transform=transform_name(one.pair),
            transform_sha256=transform_hash(one.pair),
            epoch=_epoch(one),
        )
        for one, verified in zip(opened, done, strict=True)
    ]


def _epoch(opened: OpenedPair) -> int:
    return Patience()(lambda: opened.rows.state(opened.pair.id).authority.epoch)


def refuse_unjudged(pair_id: str, result: Verification) -> None:
    """Raises InterlockRefused where equal is not all that was found."""
    if result.counts[Kind.UNMAPPED]:
        raise InterlockRefused(
            "unmapped",
            f"not all of {pair_id} can be compared",
            cause=f"{result.counts[Kind.UNMAPPED]:,} items wait for the new sub of their user",
            fix="bring these users over first: what they own has no place in the target yet",
        )
    cleared = result.suspects - sum(result.counts[kind] for kind in Kind if kind is not Kind.UNMAPPED)
    if result.counts[Kind.IN_FLIGHT] or cleared or result.wanted != result.held:
        raise _not_frozen(
            pair_id,
            f"{max(result.counts[Kind.IN_FLIGHT], cleared):,} items changed or expired while they were read",
        )


def _not_frozen(pair_id: str, cause: str) -> InterlockRefused:
    return InterlockRefused(
        "not_frozen",
        f"{pair_id} is still written: no certificate was made",
        cause=cause,
        fix="stop every writer of the source, its time to live too, let the mirror drain, and run it again",
    )


def _stand_still(
    invocation: Invocation,
    reader: FreezeReader,
    opened: Sequence[OpenedPair],
    before: Sequence[FreezeFacts],
    plans: Sequence[VerifyPlan],
) -> None:
    """Waits for as long as the mirror may be behind, and sees that nothing has moved.

    Raises InterlockRefused.
    """
    seconds = max(plan.spacing for plan in plans)
    invocation.render.say(f"waiting {seconds:g} s to see that nothing is written any more")
    time.sleep(seconds)
    patience = Patience(say=invocation.render.say)
    after = [patience(lambda: reader.read(one)) for one in opened]  # noqa: B023 - called at once
    for earlier, later in zip(before, after, strict=True):
        cause = moved(earlier, later)
        if cause:
            raise _not_frozen(later.pair, cause)
    raise_first([refusal for facts in after for refusal in refusals(facts)])
