"""The rules of classes as the owner edits them: each change lets all days be told anew, the newest first."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Rule
from webapp.blueprints.traffic.queries.classes import get_rule
from webapp.blueprints.traffic.services.classifying import forget_classes
from webapp.blueprints.traffic.services.privacy import HIDDEN
from webapp.core.errors import DomainError, EditConflict, InUse
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)
BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")


class PatternUnreadable(DomainError):
    """The pattern is not one, for its subject."""

    status = 422
    field = "pattern"


def create_rule(session: Session, *, by: Actor, values: Mapping[str, Any], level: int) -> Rule:
    """Store a rule of the owner's; `level` is how far addresses are shortened. Raises PatternUnreadable."""
    rule = Rule(**_checked(session, values, level))
    session.add(rule)
    store(session)
    forget_classes(session)
    log.info("traffic rule %s created by %s", rule.id, by.name)
    return rule


def update_rule(
    session: Session, *, by: Actor, rule_id: int, version: int, values: Mapping[str, Any], level: int
) -> Rule:
    """Change the rule that the actor saw as `version`. Raises NotFound, EditConflict, PatternUnreadable."""
    rule = get_rule(session, rule_id, lock=True)
    if rule.version != version:
        raise EditConflict
    for name, value in _checked(session, values, level).items():
        setattr(rule, name, value)
    store(session)
    forget_classes(session)
    log.info("traffic rule %s changed by %s", rule.id, by.name)
    return rule


def delete_rule(session: Session, *, by: Actor, rule_id: int, version: int) -> None:
    """Delete the rule that the actor saw as `version`. Raises NotFound, EditConflict, InUse (it is the house's)."""
    rule = get_rule(session, rule_id, lock=True)
    if rule.version != version:
        raise EditConflict
    if rule.origin:
        raise InUse(gettext("A rule that the house brings cannot be deleted. Switch it off instead."))
    session.delete(rule)
    store(session)
    forget_classes(session)
    log.info("traffic rule %s deleted by %s", rule_id, by.name)


def _checked(session: Session, values: Mapping[str, Any], level: int) -> dict[str, Any]:
    subject, pattern = values["subject"], str(values["pattern"])
    if subject == "network":
        pattern = network_of(pattern, level)
    elif subject == "misses":
        if not re.fullmatch(r"[1-9][0-9]{0,8}", pattern):
            raise PatternUnreadable(gettext("Write from how many paths on, answered 400 to 499 in a day."))
    else:
        _try(session, pattern)
    return {**values, "pattern": pattern}


def network_of(said: str, level: int) -> str:
    """The network that an address or a network lies in, no narrower than what is kept of addresses. Raises PatternUnreadable."""
    try:
        found = ipaddress.ip_network(said, strict=False)
    except ValueError:
        raise PatternUnreadable(gettext("Write an address or a network like 203.0.113.0/24.")) from None
    widest = found.max_prefixlen - HIDDEN[level][found.version == 6]
    return str(found.supernet(new_prefix=widest) if found.prefixlen > widest else found)


def _try(session: Session, pattern: str) -> None:
    if BACK_REFERENCE.search(pattern):
        raise PatternUnreadable(gettext("A pattern cannot refer back to a part of itself: it would take too long."))
    try:
        with session.begin_nested():
            session.execute(text("SELECT '' ~* :pattern"), {"pattern": pattern})
    except DataError as problem:
        said = str(problem.orig).strip().splitlines()[0]
        raise PatternUnreadable(gettext("This is not a regular expression: %(problem)s", problem=said)) from None
