"""Hits by what their texts mean: browsers, systems and devices, networks and countries, classes, sites, campaigns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression

from webapp.blueprints.traffic.models import KINDS, Agent, Hit, Network, TrafficText, Visit, Visitor
from webapp.blueprints.traffic.queries.figures import TOP, Within, of_visits, texts
from webapp.blueprints.traffic.queries.narrowing import campaign_of, device_of, engine_of, site_of


@dataclass(frozen=True)
class Group:
    """Hits of one meaning. `name` is "" where they tell none; `visits` began with it (of sites, engines and campaigns)."""

    name: str
    hits: int
    visitors: int
    bytes: int
    visits: int = 0


@dataclass(frozen=True)
class Agents:
    """What visitors came with."""

    browsers: list[Group]
    systems: list[Group]
    devices: list[Group]


@dataclass(frozen=True)
class Sources:
    """Where visitors came from: other sites, search engines among them, whole referrers with their ids."""

    sites: list[Group]
    engines: list[Group]
    referrers: list[tuple[int, Group]]


Counts = dict[int | None, tuple[int, int, int]]


def _by(session: Session, within: Within, column: SQLColumnExpression[int | None]) -> Counts:
    """Hits, visitors and bytes by a text that a visitor has one of: by the agent, or the network."""
    each: Any = select(column.label("id"), func.count().label("hits"), func.sum(Hit.bytes).label("bytes"))
    inner = each.where(*within.where).group_by(column, Hit.day, Hit.visitor).subquery()
    query = select(inner.c.id, func.sum(inner.c.hits), func.count(), func.sum(inner.c.bytes)).group_by(inner.c.id)
    return {number: (int(hits), visitors, int(size)) for number, hits, visitors, size in session.execute(query)}


def _sum(counts: Counts, named: Callable[[int | None], str], top: int = TOP) -> list[Group]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for number, figures in counts.items():
        for place, figure in enumerate(figures):
            sums[named(number)][place] += figure
    groups = [Group(name, *figures) for name, figures in sums.items()]
    return sorted(groups, key=lambda group: (-group.hits, group.name))[:top]


def get_agents(session: Session, within: Within) -> Agents:
    """Browsers, systems and sorts of device."""
    counts = _by(session, within, Hit.agent_id)
    query = select(Agent.id, Agent.browser, Agent.system, device_of())
    known = {number: said for number, *said in session.execute(query) if number in counts}
    unknown = ["", "", "other"]

    def part(place: int) -> list[Group]:
        return _sum(counts, lambda number: known.get(number or 0, unknown)[place])

    return Agents(part(0), part(1), part(2))


def get_networks(session: Session, within: Within) -> tuple[list[Group], list[Group]]:
    """Networks and countries with the most hits; no countries where no file of them was given."""
    counts = _by(session, within, Hit.network_id)
    top = sorted(counts, key=lambda number: -counts[number][0])[:TOP]
    said = texts(session, {number for number in top if number is not None})
    networks = [Group(said.get(number, ""), *counts[number]) for number in top]
    countries = {row[0]: row[1] for row in session.execute(select(Network.id, Network.country))}
    return networks, _sum(counts, lambda number: countries.get(number or 0, ""), 300) if countries else []


def list_kinds(session: Session, within: Within) -> list[Group]:
    """The classes of visitors; "" of days that were not looked at yet."""
    each = select(Hit.day, Hit.visitor, func.count().label("hits"), func.sum(Hit.bytes).label("bytes"))
    inner = each.where(*within.where).group_by(Hit.day, Hit.visitor).subquery()
    kind = func.coalesce(Visitor.kind, "")
    query = (
        select(kind, func.sum(inner.c.hits), func.count(), func.sum(inner.c.bytes))
        .select_from(inner)
        .outerjoin(
            Visitor,
            (Visitor.day == inner.c.day)
            & (Visitor.visitor == inner.c.visitor)
            & Visitor.day.between(within.first, within.last),
        )
        .group_by(kind)
    )
    groups = [Group(name, int(hits), visitors, int(size)) for name, hits, visitors, size in session.execute(query)]
    return sorted(groups, key=lambda group: (-group.hits, group.name))


def get_sources(session: Session, within: Within) -> Sources:
    """Sites that are not one's own, by their hits and by the visits that began there."""
    hits = _counts(
        session, select(Hit.referrer_id, func.count(), func.sum(Hit.bytes)).where(*within.where), Hit.referrer_id
    )
    begun = _counts(session, select(Visit.referrer_id, func.count()).where(*of_visits(within)), Visit.referrer_id)
    hosts = set(session.scalars(select(func.lower(TrafficText.text)).where(TrafficText.kind == KINDS["host"])))
    site = site_of(TrafficText.text)
    query = select(TrafficText.id, TrafficText.text, site, engine_of(site)).where(TrafficText.kind == KINDS["referrer"])
    known = {
        number: (said, of, engine) for number, said, of, engine in session.execute(query) if of and of not in hosts
    }
    ours = [number for number in known if number in hits]
    top = sorted(ours, key=lambda number: -hits[number][0])[:TOP]
    return Sources(
        _named(((known[number][1], number) for number in ours), hits, begun),
        _named(((known[number][2], number) for number in ours if known[number][2]), hits, begun),
        [(number, _group(known[number][0], [number], hits, begun)) for number in top],
    )


def list_campaigns(session: Session, within: Within) -> list[Group]:
    """Campaigns by their hits; visits are counted where a hit of them carried the tag."""
    tagged: Any = select(TrafficText.id, campaign_of(TrafficText.text).label("name"))
    tagged = tagged.where(TrafficText.kind == KINDS["query"], TrafficText.text.like("%utm\\_%", escape="\\"))
    each = tagged.subquery()
    inner = (
        select(each.c.name, Hit.day, Hit.visitor, func.count().label("hits"), func.sum(Hit.bytes).label("bytes"))
        .join(each, each.c.id == Hit.query_id)
        .where(*within.where, each.c.name.is_not(None))
        .group_by(each.c.name, Hit.day, Hit.visitor)
        .subquery()
    )
    query = select(inner.c.name, func.sum(inner.c.hits), func.count(), func.sum(inner.c.bytes)).group_by(inner.c.name)
    rows = session.execute(query.order_by(func.sum(inner.c.hits).desc(), inner.c.name).limit(TOP))
    return [Group(name, int(hits), visitors, int(size)) for name, hits, visitors, size in rows]


def _counts(session: Session, query: Any, by: SQLColumnExpression[int | None]) -> dict[int, tuple[int, int]]:
    return {
        row[0]: (row[1], int(row[2]) if len(row) > 2 else 0)
        for row in session.execute(query.group_by(by))
        if row[0] is not None
    }


def _named(
    names: Iterable[tuple[str, int]], hits: dict[int, tuple[int, int]], begun: dict[int, tuple[int, int]]
) -> list[Group]:
    of: dict[str, list[int]] = defaultdict(list)
    for name, number in names:
        of[name].append(number)
    groups = [_group(name, numbers, hits, begun) for name, numbers in of.items()]
    return sorted(groups, key=lambda group: (-group.hits, group.name))[:TOP]


def _group(
    name: str, numbers: Iterable[int], hits: dict[int, tuple[int, int]], begun: dict[int, tuple[int, int]]
) -> Group:
    numbers = list(numbers)
    counted, size = (sum(hits[number][place] for number in numbers) for place in (0, 1))
    return Group(name, counted, 0, size, sum(begun.get(number, (0, 0))[0] for number in numbers))
