"""Written files in the house's form, where the formatters are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def tidy(project: Path, paths: Iterable[Path]) -> None:
    """Format Python files and templates; a production machine, which has no formatters, leaves them as they are."""
    written = [project / path for path in paths]
    sources = [str(path) for path in written if path.suffix == ".py"]
    templates = [str(path) for path in written if path.suffix == ".html"]
    _run(project, "ruff", "check", "--fix-only", "--quiet", "--select", "I", *sources)
    _run(project, "ruff", "format", "--quiet", *sources)
    if templates:
        _run(project, "djlint", *templates, "--reformat", "--quiet")


def _run(project: Path, program: str, *arguments: str) -> None:
    found = shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)
    if found:  # djlint ends with 1 when it changed something
        subprocess.run(
            [found, *arguments], cwd=project, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
