"""Charts of Altair are pictures here: as pages they would load scripts from elsewhere, and a notebook has no way there.

Whoever wants another renderer enables it, as everywhere: `altair.renderers.enable("mimetype")`. Each Python of the image
imports this at its start, by a line in `bottega_charts.pth`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class _Pictures(MetaPathFinder):
    """Waits for Altair to be imported, and costs nothing until then."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "altair":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_choose(module: ModuleType) -> None:
                execute(module)
                module.renderers.enable("png", scale_factor=2)

            spec.loader.exec_module = execute_and_choose  # type: ignore[method-assign]  # of this one loader only
        return spec


sys.meta_path.insert(0, _Pictures())
