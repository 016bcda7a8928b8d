"""Changing how the site is installed."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.installed.models import InstalledSetting
from webapp.blueprints.installed.permissions import InstalledPermission as May
from webapp.blueprints.installed.queries import get_setting
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
MOST_SHORTCUTS = 4  # as many as Android shows
LONGEST_SHORTCUT = 60
PATH = re.compile(r"/[!-~]{1,299}")  # plain signs, as an address has them


class ShortcutWrong(DomainError):
    """A line of the shortcuts cannot be read."""

    status = 422


def read_shortcuts(text: str, language: str) -> list[list[str]]:
    """The shortcuts of one language: a line each, words and path with a bar between. Raises ShortcutWrong naming the line."""
    shortcuts: list[list[str]] = []
    for number, line in enumerate(filter(None, (line.strip() for line in text.splitlines())), 1):
        words, bar, path = (part.strip() for part in line.rpartition("|"))
        if not bar or not words or len(words) > LONGEST_SHORTCUT:
            raise ShortcutWrong(
                _(
                    "Line %(number)s: write the words, a bar and the address, as in “Opening hours | /en/hours”.",
                    number=number,
                )
            )
        if not PATH.fullmatch(path) or not f"{path}/".startswith(f"/{language}/") or "//" in path or "\\" in path:
            raise ShortcutWrong(
                _("Line %(number)s: the address must begin with /%(language)s/.", number=number, language=language)
            )
        shortcuts.append([words, path])
    if len(shortcuts) > MOST_SHORTCUTS:
        raise ShortcutWrong(_("At most %(count)s shortcuts: telephones show no more.", count=MOST_SHORTCUTS))
    return shortcuts


def update_setting(session: Session, *, by: Actor, version: int, values: Mapping[str, Any]) -> InstalledSetting:
    """Store the setting as `by` edited it, starting from `version`. Raises NotAllowed, EditConflict."""
    if not by.may(May.SETTINGS_EDIT):
        raise NotAllowed(_("Your role does not include this. Ask the owner for the right."))
    setting = get_setting(session, lock=True)
    if setting.version != version:
        raise EditConflict
    for name, value in values.items():
        setattr(setting, name, value)
    store(session)
    tell_of_change(session, by=by, part="installed", deed="changed", title="")
    log.info("the installed site was changed by %s", by.name)
    return setting
