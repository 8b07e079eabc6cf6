"""A finished export in the place of a source's scan, its manifests checked by whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.aws.export_files import ExportFolder
from cutover.errors import UsageError
from cutover.tables.export_keys import ExportedTable
from cutover.tables.export_manifest import DataFile, Summary, check_export
from cutover.tables.ports import ReadableTable
from cutover.tables.table_facts import TableFacts


@dataclass(frozen=True)
class CheckedExport:
    """An export of the table that it was checked against. File n is segment n."""

    folder: ExportFolder
    summary: Summary
    files: tuple[DataFile, ...]

    def over(self, source: ReadableTable) -> ExportedTable:
        """`source`, its scan being the export's files. One for a turn or a command: it holds open files."""
        return ExportedTable(source, len(self.files), lambda number: self.folder.lines(self.files[number]))


def checked_export(folder: ExportFolder, source: TableFacts) -> CheckedExport:
    """Raises UsageError for an export that is damaged or of something else, botocore's errors."""
    summary = folder.summary()
    check_export(summary, source)
    files = folder.files()
    if not files or sum(file.items for file in files) != summary.items:
        raise UsageError(
            f"the manifests of export {summary.id} do not count the same items",
            fix="copy the export's folder again, whole, or export the table again",
        )
    return CheckedExport(folder, summary, files)
