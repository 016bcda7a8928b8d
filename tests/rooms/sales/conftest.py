"""What the tests of sales share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.rooms.sales.importing import HEADER, Load, mapping
from webapp.blueprints.sales.services.importing import ImportResult, import_sales
from webapp.core.security import SYSTEM


@pytest.fixture
def load(session: Session, tmp_path: Path) -> Load:
    """Import rows below HEADER, or bytes as they are."""

    def run(
        *rows: str, content: bytes | None = None, name: str = "sales.csv", dry_run: bool = False, **changes: Any
    ) -> ImportResult:
        path = tmp_path / name
        path.write_bytes("\n".join([HEADER, *rows, ""]).encode() if content is None else content)
        return import_sales(session, path=path, mapping=mapping(**changes), by=SYSTEM, dry_run=dry_run)

    return run
