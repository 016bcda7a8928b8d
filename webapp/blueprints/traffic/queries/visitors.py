"""One visitor of a day: who they seem to be and what they asked; and the attackers of some days by network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Agent, Hit, Network, Rule, TrafficText, VaultAddress, Visitor
from webapp.blueprints.traffic.queries.classes import name_of
from webapp.blueprints.traffic.queries.requests import Line, read_lines
from webapp.core.errors import NotFound

SHOWN = 500
GROUPS = 100


@dataclass(frozen=True)
class Portrait:
    """A visitor of a day with the reason of their class and what they asked, the first requests of it."""

    row: Visitor
    reason: str
    matched: str
    rule: Rule | None
    agent: str
    says: Agent | None
    network: str
    country: str
    asked: Sequence[Line]
    in_vault: bool

    @property
    def key(self) -> str:
        """The word by which an address names them."""
        return f"{self.row.day.isoformat()}.{self.row.visitor}"


def read_key(key: str) -> tuple[dt.date, int]:
    """The day and the number that a key names. Raises NotFound."""
    day, _point, number = key.partition(".")
    try:
        found = dt.date.fromisoformat(day), int(number)
    except ValueError:
        raise _unknown() from None
    if not -(2**63) <= found[1] < 2**63:
        raise _unknown()
    return found


def get_visitor(session: Session, day: dt.date, visitor: int) -> Portrait:
    """One visitor. Raises NotFound, also while their day waits to be told apart."""
    row = session.get(Visitor, (day, visitor))
    if row is None:
        raise _unknown()
    rule = session.get(Rule, row.rule_id) if row.rule_id else None
    vaulted = select(VaultAddress.visitor).where(VaultAddress.day == day, VaultAddress.visitor == visitor)
    country = session.get(Network, row.network_id) if row.network_id else None
    return Portrait(
        row, name_of(rule), _text(session, row.text_id), rule, _text(session, row.agent_id),
        session.get(Agent, row.agent_id) if row.agent_id else None, _text(session, row.network_id),
        country.country if country else "", _asked(session, day, visitor), session.scalar(vaulted) is not None,
    )  # fmt: skip


def _unknown() -> NotFound:
    return NotFound(gettext("There is no such visitor, or their day is not told apart yet."))


def _text(session: Session, number: int | None) -> str:
    found = session.get(TrafficText, number) if number else None
    return found.text if found else ""


def _asked(session: Session, day: dt.date, visitor: int) -> list[Line]:
    found = select(Hit).where(Hit.day == day, Hit.visitor == visitor).order_by(Hit.at, Hit.file_id, Hit.place)
    return read_lines(session, session.scalars(found.limit(SHOWN)).all())


@dataclass(frozen=True)
class Attacker:
    """A network from which attacks came: visitors told as attackers, their hits, and by which signatures."""

    network: str
    country: str
    visitors: int
    hits: int
    attacks: int
    first_at: dt.datetime
    last_at: dt.datetime
    signatures: Sequence[tuple[str, int]]


ATTACKERS = """
    SELECT w.network_id, coalesce(t.text, '') AS network, coalesce(n.country, '') AS country, w.visitors, w.hits, w.attacks,
           w.first_at, w.last_at
    FROM (SELECT network_id, count(*) AS visitors, sum(hits) AS hits, sum(attacks) AS attacks, min(first_at) AS first_at,
                 max(last_at) AS last_at
          FROM traffic_visitors WHERE day BETWEEN :first AND :last AND class = 'attack'
          GROUP BY network_id ORDER BY sum(hits) DESC, network_id LIMIT :groups) w
    LEFT JOIN traffic_texts t ON t.id = w.network_id LEFT JOIN traffic_networks n ON n.id = w.network_id
    ORDER BY w.hits DESC, w.network_id
"""
SIGNATURES = """
    WITH met AS (
        SELECT w.network_id, m.rule_id FROM traffic_visitors w
        JOIN traffic_hits h ON h.day = w.day AND h.visitor = w.visitor AND h.day BETWEEN :first AND :last
        JOIN traffic_marks m ON m.text_id IN (h.path_id, h.query_id) AND m.rule_id > 0
        WHERE w.day BETWEEN :first AND :last AND w.class = 'attack' AND coalesce(w.network_id, 0) = ANY(:networks)
        UNION ALL
        SELECT w.network_id, r.id FROM traffic_visitors w JOIN traffic_rules r ON r.id = w.rule_id
        WHERE w.day BETWEEN :first AND :last AND w.class = 'attack' AND coalesce(w.network_id, 0) = ANY(:networks)
          AND r.subject NOT IN ('path', 'query'))
    SELECT met.network_id, met.rule_id, count(*) FROM met JOIN traffic_rules r ON r.id = met.rule_id
    WHERE r.class = 'attack' AND r.active GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""


def list_attackers(session: Session, first: dt.date, last: dt.date) -> list[Attacker]:
    """The networks from which most attacks came on some days, with the signatures that were met and how often."""
    within = {"first": first, "last": last}
    groups = session.execute(text(ATTACKERS), {**within, "groups": GROUPS}).all()
    rules = {rule.id: rule for rule in session.scalars(select(Rule))}
    met: dict[int | None, list[tuple[str, int]]] = {}
    networks = [group.network_id or 0 for group in groups]
    for network, rule, count in session.execute(text(SIGNATURES), {**within, "networks": networks}):
        met.setdefault(network, []).append((name_of(rules.get(rule)), count))
    return [
        Attacker(
            each.network, each.country, each.visitors, int(each.hits), int(each.attacks), each.first_at, each.last_at,
            met.get(each.network_id, []),
        )
        for each in groups
    ]  # fmt: skip
