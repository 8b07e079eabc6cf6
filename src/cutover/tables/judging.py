"""From suspects to a verdict: the looks, round by round, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.tables.extras import LedgerNames, sort_extras
from cutover.tables.kinds import REPAIRABLE, Kind
from cutover.tables.ports import Key
from cutover.tables.recheck import Looked, Probing, Rounds, recheck
from cutover.tables.suspects import Suspect, SuspectFile
from cutover.tables.verification import Verification
from cutover.tables.verify_keep import Keep


@dataclass
class Judging:
    """`result`, `extras` and `repairable` grow together, and are kept together after each round of looks."""

    probing: Probing
    keep: Keep
    segments: int
    result: Verification
    repairable: SuspectFile
    extras: SuspectFile
    suspects: SuspectFile
    round: int = 0

    @classmethod
    def begun(
        cls, probing: Probing, keep: Keep, segments: int, result: Verification, repairable: SuspectFile
    ) -> Judging:
        extras, suspects = _file(keep, "extras"), _file(keep, _round_file(0))
        return cls(probing, keep, segments, result, repairable.restore(0, 0), extras, suspects)

    @classmethod
    def resumed(
        cls,
        probing: Probing,
        keep: Keep,
        document: Mapping[str, Any],
        blank: Verification,
        repairable: SuspectFile,
    ) -> Judging:
        """As it stood when its last round was over. Raises Damaged."""
        number = int(document["round"])
        return cls(
            probing,
            keep,
            int(document["segments"]),
            Verification.of_state(
                document["result"], most_keys=blank.most_keys, accept_native=blank.accept_native
            ),
            repairable.restore(*document["repairable"]),
            _file(keep, "extras", *document["extras"]),
            _file(keep, _round_file(number), *document["suspects"]),
            number,
        )

    def suspect(self, suspect: Suspect) -> None:
        self.suspects.add(suspect)

    def judge(self, named: LedgerNames, looked: Looked) -> Verification:
        """Raises TableFault, and what the probing's sleep raises; the rounds that are over are kept."""
        rounds = Rounds(self._new_round, self.round, self._over)
        recheck(self.suspects, self.probing, self._found, looked, rounds)
        sort_extras(self.extras, self.probing, named, self._note)
        return self.result

    def save(self) -> None:
        self._save(self.round, self.suspects)

    def _new_round(self, number: int) -> SuspectFile:
        return _file(self.keep, _round_file(number))

    def _over(self, number: int, left: SuspectFile) -> None:
        self._save(number, left)
        self.keep.drop(_round_file(number - 1))

    def _save(self, number: int, suspects: SuspectFile) -> None:
        files = {"suspects": suspects, "extras": self.extras, "repairable": self.repairable}
        self.keep.save(
            {
                "phase": "look",
                "segments": self.segments,
                "round": number,
                "result": self.result.state(),
                **{name: [file.count, file.flush()] for name, file in files.items()},
            }
        )

    def _found(self, kind: Kind, suspect: Suspect, source: Key | None) -> None:
        """Native items are sorted at the end, by whom the ledger names."""
        if kind is Kind.NATIVE:
            self.extras.add(suspect)
        else:
            self._note(kind, suspect.key, source)

    def _note(self, kind: Kind, key: Key, source: Key | None) -> None:
        self.result.found(kind, key)
        if kind in REPAIRABLE and source is not None:
            self.repairable.add(Suspect(source))


def _file(keep: Keep, name: str, count: int = 0, size: int = 0) -> SuspectFile:
    return SuspectFile(lambda: keep.file(name)).restore(count, size)


def _round_file(number: int) -> str:
    return f"suspects.{number}"
