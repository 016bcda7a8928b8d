"""The question to the record of the installed room."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.installed.models import InstalledSetting


def get_setting(session: Session, *, lock: bool = False) -> InstalledSetting:
    """How the site is installed; kept from others until the end if to `lock`."""
    query = select(InstalledSetting)
    return session.scalars(query.with_for_update() if lock else query).one()
