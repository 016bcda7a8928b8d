"""The question to the record of the installed room."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.installed.models import InstalledSetting


def get_setting(session: Session, *, lock: bool = False) -> InstalledSetting:
    """How the site is installed; kept from others until the end if to `lock`. As it is at first, where nobody said."""
    query = select(InstalledSetting)
    if lock:
        session.execute(insert(InstalledSetting).values(id=1).on_conflict_do_nothing())
        return session.scalars(query.with_for_update()).one()
    found = session.scalars(query).one_or_none()
    return found or InstalledSetting(id=1, version=1, enabled=True, short_names={}, shortcuts={})
