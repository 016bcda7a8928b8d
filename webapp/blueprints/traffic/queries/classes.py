"""The classes of visitors, why each is of its class, and the rules that say so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, case, cast, func, select
from sqlalchemy.orm import Session, aliased

from webapp.blueprints.traffic.models import Network, Rule, TrafficText, Visitor
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, Text

CLASSES = {
    "person": _l("person"), "search": _l("search robot"), "ai": _l("AI robot"), "monitor": _l("monitor"),
    "attack": _l("attack"), "staff": _l("own staff"), "bot": _l("another robot"), "waiting": _l("not told apart yet"),
}  # fmt: skip
TOLD = {kind: title for kind, title in CLASSES.items() if kind != "waiting"}
SUBJECTS = {
    "agent": _l("name of the browser"), "path": _l("path"), "query": _l("query"), "referrer": _l("referrer"),
    "network": _l("network"), "misses": _l("paths answered 400 to 499 in a day"),
}  # fmt: skip
NAMES = {
    "back-office": _l("used the back office"),
    "secret-files": _l("looks for hidden files (.env, .git, keys)"),
    "wordpress": _l("looks for WordPress"),
    "traversal": _l("climbs out of the folder, in the path"),
    "traversal-query": _l("climbs out of the folder, in the query"),
    "injection": _l("injects SQL, scripts or commands, in the query"),
    "injection-path": _l("injects SQL, scripts or commands, in the path"),
    "injection-agent": _l("injects commands, in the name of the browser"),
    "injection-referrer": _l("injects commands, in the referrer"),
    "tools": _l("looks for tools that can be broken into"),
    "backups": _l("looks for backups and keys"),
    "binary": _l("sends bytes that are no request"),
    "scanners": _l("calls itself a scanner"),
    "misses": _l("asks for much that is not there"),
    "health": _l("asks whether the application is well"),
    "monitors": _l("calls itself a monitor"),
    "ai-robots": _l("calls itself a robot of an AI"),
    "search-robots": _l("calls itself a search robot"),
    "robots": _l("calls itself a robot or a program"),
    "nameless": _l("gives no name"),
    "robots-txt": _l("asks for robots.txt"),
}
YES_NO = {"yes": _l("yes"), "no": _l("no")}


def name_of(rule: Rule | None) -> str:
    """The reason that a rule gives, in words."""
    if rule is None:
        return str(gettext("no rule speaks of them"))
    return str(NAMES.get(rule.origin, rule.name)) if rule.origin else rule.name


@dataclass(frozen=True)
class Reason:
    """Why visitors are of a class: how many there are, and their hits."""

    kind: str
    rule_id: int | None
    name: str
    visitors: int
    hits: int


def list_reasons(session: Session, first: dt.date, last: dt.date) -> list[Reason]:
    """Which rules told the visitors of some days, the commonest first."""
    query = (
        select(Visitor.kind, Visitor.rule_id, func.count(), func.sum(Visitor.hits))
        .where(Visitor.day.between(first, last))
        .group_by(Visitor.kind, Visitor.rule_id)
        .order_by(func.count().desc(), Visitor.rule_id)
    )
    rules = {rule.id: rule for rule in session.scalars(select(Rule))}
    gone = gettext("a rule that is gone")
    return [
        Reason(kind, number, gone if number and number not in rules else name_of(rules.get(number or 0)), count, int(hits))
        for kind, number, count, hits in session.execute(query)
    ]  # fmt: skip


def get_rule(session: Session, rule_id: int, *, lock: bool = False) -> Rule:
    """One rule. Raises NotFound."""
    found = session.get(Rule, rule_id, with_for_update=lock or None)
    if found is None:
        raise NotFound(gettext("There is no such rule."))
    return found


def list_of_rules() -> ListSpec:
    """All rules, in the order in which they are asked."""
    named = case({key: str(title) for key, title in NAMES.items()}, value=Rule.origin, else_=Rule.name)
    return ListSpec(
        name="traffic-rules",
        source=Rule,
        id=Rule.id,
        columns=(
            Column("name", _l("Reason"), named),
            Column("position", _l("Order"), Rule.position, kind="number", sort_by=Rule.position),
            Column("class", _l("Class"), Rule.kind, kind="choice", choices=TOLD, sort_by=Rule.kind),
            Column("subject", _l("Looks at"), Rule.subject, kind="choice", choices=SUBJECTS, sort_by=Rule.subject),
            Column("pattern", _l("Pattern"), func.left(Rule.pattern, 60)),
            Column("answered", _l("Successes alone"), case((Rule.answered, "yes"), else_="no"), kind="choice", choices=YES_NO, shown=False),
            Column("active", _l("On"), case((Rule.active, "yes"), else_="no"), kind="choice", choices=YES_NO),
            Column("house", _l("The house's"), case((Rule.origin != "", "yes"), else_="no"), kind="choice", choices=YES_NO),
        ),
        sort="position",
        filters=(
            Choice("class", _l("Class"), Rule.kind, TOLD),
            Choice("subject", _l("Looks at"), Rule.subject, SUBJECTS),
        ),
        search=(Search(Rule.name), Search(Rule.pattern)),
        search_hint=_l("Reason or pattern"),
    )  # fmt: skip


_agent, _network = aliased(TrafficText), aliased(TrafficText)


def list_of_visitors() -> ListSpec:
    """The visitors of each day with their class and why."""
    named = case(
        (Rule.id.is_(None), gettext("no rule speaks of them")),
        else_=case({key: str(title) for key, title in NAMES.items()}, value=Rule.origin, else_=Rule.name),
    )
    source = (
        select(Visitor).join(Rule, Rule.id == Visitor.rule_id, isouter=True)
        .join(_agent, _agent.id == Visitor.agent_id, isouter=True)
        .join(_network, _network.id == Visitor.network_id, isouter=True)
        .join(Network, Network.id == Visitor.network_id, isouter=True)
    ).get_final_froms()[0]  # fmt: skip
    network, country = func.coalesce(_network.text, ""), func.coalesce(Network.country, "")
    return ListSpec(
        name="traffic-visitors",
        source=source,
        id=Visitor.visitor,
        columns=(
            Column("first_at", _l("First request"), Visitor.first_at, kind="date", sort_by=Visitor.first_at),
            Column("class", _l("Class"), Visitor.kind, kind="choice", choices=TOLD),
            Column("reason", _l("Reason"), named),
            Column("hits", _l("Hits"), Visitor.hits, kind="number", sort_by=Visitor.hits),
            Column("attacks", _l("Attacks"), Visitor.attacks, kind="number", sort_by=Visitor.attacks),
            Column("network", _l("Network"), network),
            Column("country", _l("Country"), country),
            Column("agent", _l("Browser"), func.left(func.coalesce(_agent.text, ""), 120)),
            Column("bytes", _l("Bytes"), Visitor.bytes, kind="number", sort_by=Visitor.bytes, shown=False),
            Column("last_at", _l("Last request"), Visitor.last_at, kind="date", sort_by=Visitor.last_at, shown=False),
        ),
        sort="-first_at",
        filters=(
            DateRange(_l("From"), _l("To"), Visitor.day),
            Choice("class", _l("Class"), Visitor.kind, TOLD),
            Choice("rule", _l("Reason"), Rule.origin, NAMES),
            Text("network", _l("Network"), network, match="prefix"),
            Text("country", _l("Country"), country, match="exact"),
        ),
        search=(Search(_agent.text),),
        search_hint=_l("Part of the browser's name"),
        extras={"key": func.concat(cast(Visitor.day, String), ".", cast(Visitor.visitor, String))},
    )  # fmt: skip
