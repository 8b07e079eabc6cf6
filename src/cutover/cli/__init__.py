"""The command line. `main` is the console script's entry; one file of this folder is one verb."""

from cutover.cli.main import main

__all__ = ["main"]
