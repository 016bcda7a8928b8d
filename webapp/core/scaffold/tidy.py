"""Written code in the house's form, where the formatter is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def tidy(paths: Iterable[Path]) -> None:
    """Format Python files with ruff; a production machine, which has none, leaves them as they are."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    sources = [str(path) for path in paths if path.suffix == ".py"]
    if ruff and sources:
        subprocess.run([ruff, "check", "--fix-only", "--quiet", "--select", "I", *sources], check=True)
        subprocess.run([ruff, "format", "--quiet", *sources], check=True)
