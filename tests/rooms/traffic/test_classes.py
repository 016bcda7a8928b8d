"""Each visitor of a day has a class, told by rules that the owner edits."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH
from tests.rooms.traffic.browsing import PAGE, SignIn, submit
from tests.rooms.traffic.makers import ask, combined, countries, ingest, store, write
from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.models import Rule, VaultAddress, VaultReading, Visitor
from webapp.blueprints.traffic.queries.report import get_report
from webapp.blueprints.traffic.services.countries import CountriesUnreadable, read_countries
from webapp.blueprints.traffic.services.retention import let_go
from webapp.blueprints.traffic.services.terms import get_terms
from webapp.blueprints.traffic.services.visits import derive_all
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction

NOW = dt.datetime.now(dt.UTC)
NOON = dt.datetime(2026, 3, 10, 11, 0, tzinfo=dt.UTC)
DAY = NOON.date()


def line(number: int, request: str = "GET /shop HTTP/1.1", **told: Any) -> bytes:
    return combined(at=NOON + dt.timedelta(seconds=number), address=f"203.0.{number}.7", request=request, **told)


def classes() -> dict[str, str]:
    """The class of each network."""
    rows = ask("SELECT t.text, w.class FROM traffic_visitors w JOIN traffic_texts t ON t.id = w.network_id")
    return {str(network): str(kind) for network, kind in rows}


def test_every_visitor_is_told_by_what_they_said_and_asked(fresh_app: Flask, tmp_path: Path) -> None:
    cases = [
        ("person", line(1)),
        ("search", line(2, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")),
        ("ai", line(3, agent="Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.1; +https://openai.com/gptbot")),
        ("monitor", line(4, agent="UptimeRobot/2.0")),
        ("bot", line(5, agent="curl/8.5.0")),
        ("bot", line(6, agent="-")),
        ("staff", line(7, "GET /backoffice/customers/ HTTP/1.1")),
        ("person", line(8, "GET /backoffice/ HTTP/1.1", status=302)),
        ("attack", line(9, "POST /wp-login.php HTTP/1.1", status=404)),
        ("attack", line(10, "GET /.env HTTP/1.1", status=404)),
        ("attack", line(11, "GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", status=400)),
        ("attack", line(12, "GET /shop?id=1%27%20or%201=1 HTTP/1.1")),
        ("attack", line(13, "GET /shop?q=%3Cscript%3Ealert(1) HTTP/1.1")),
        ("attack", line(14, agent="${jndi:ldap://x}")),
        ("attack", line(15, agent="sqlmap/1.7")),
        ("attack", line(16, "GET /shop HTTP/1.1", agent="Mozilla/5.0 (Nikto/2.5)")),
        ("bot", line(17, "GET /robots.txt HTTP/1.1")),
    ]  # fmt: skip
    ingest(write(tmp_path, "access.log", *(said for _kind, said in cases)))
    told = classes()
    assert {f"203.0.{n}.0": told[f"203.0.{n}.0"] for n in range(1, 18)} == {
        f"203.0.{number}.0": kind for number, (kind, _said) in enumerate(cases, 1)
    }
    by_class = get_report(db.session(), DAY, DAY).by_class
    assert {kind: figures.visitors for kind, figures in by_class.items()} == {
        "attack": 8, "bot": 3, "person": 2, "search": 1, "ai": 1, "monitor": 1, "staff": 1,
    }  # fmt: skip
    assert sum(figures.hits for figures in by_class.values()) == 17
    assert sum(figures.visits for figures in by_class.values()) == 17


def test_who_looks_for_what_is_not_there_all_day_is_an_attacker(fresh_app: Flask, tmp_path: Path) -> None:
    lines = [line(1, f"GET /{number} HTTP/1.1", status=404) for number in range(60)]
    lines += [line(2, f"GET /{number} HTTP/1.1", status=404) for number in range(59)]
    lines += [line(3, "GET /missing HTTP/1.1", status=404)] * 100
    ingest(write(tmp_path, "access.log", *lines))
    assert classes() == {"203.0.1.0": "attack", "203.0.2.0": "person", "203.0.3.0": "person"}


def test_lines_that_come_later_change_the_class_of_their_day(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", line(1)))
    assert classes() == {"203.0.1.0": "person"}
    ingest(write(tmp_path, "b.log", line(1, "GET /.git/config HTTP/1.1"), line(2)))
    assert classes() == {"203.0.1.0": "attack", "203.0.2.0": "person"}
    assert ask("SELECT hits, attacks FROM traffic_visitors ORDER BY 1 DESC") == [(2, 1), (1, 0)]


@pytest.fixture
def day(session: Session, tmp_path: Path) -> str:
    """The lines of an attacker, of one who attacks from the staff's address, of the staff and of a person, all of today."""
    lines = [
        combined(at=NOW, address="203.0.113.9", request="GET /.env HTTP/1.1", status=404),
        combined(at=NOW, address="203.0.113.9", request="POST /wp-login.php HTTP/1.1", status=404),
        combined(at=NOW, address="198.51.100.1", request="GET /backoffice/ HTTP/1.1"),
        combined(at=NOW, address="198.51.100.1", request="GET /.env HTTP/1.1", agent="another"),
        combined(at=NOW, address="192.168.1.5", request="GET /.env HTTP/1.1"),
        combined(at=NOW, address="203.0.113.20"),
    ]
    store(session, tmp_path, lines)
    return get_terms(session, current_app.extensions["settings"], utc_now()).today.isoformat()


def test_the_pages_show_classes_reasons_and_signatures(day: str, sign_in: SignIn) -> None:
    client = sign_in("staff")
    page = client.get(f"{PAGE}classes/", headers=ENGLISH).text
    assert "own staff" in page
    assert "looks for hidden files" in page
    assert "no rule speaks of them" in page
    attackers = client.get(f"{PAGE}attackers/", headers=ENGLISH).text
    assert "looks for WordPress: 1" in attackers
    assert "203.0.113.0" in attackers
    assert "203.0.113.9" not in attackers
    visitors = client.get(f"{PAGE}visitors/?class=attack&network=203.0.113", headers=ENGLISH).text
    assert "1 record" in visitors
    one = client.get(re.findall(r'href="(/backoffice/traffic/visitors/[-.\d]+/)"', visitors)[0], headers=ENGLISH).text
    assert "/wp-login.php" in one
    assert "203.0.113.9" not in one
    assert client.get(f"{PAGE}visitors/nobody/", headers=ENGLISH).status_code == 404
    assert client.get(f"{PAGE}visitors/{day}.1/", headers=ENGLISH).status_code == 404


def test_the_full_address_is_read_by_the_owner_and_that_is_written_down(
    day: str, session: Session, sign_in: SignIn
) -> None:
    visitor = session.scalars(select(VaultAddress.visitor).where(VaultAddress.address == "203.0.113.20")).one()
    address = f"{PAGE}visitors/{day}.{visitor}/"
    owner = sign_in("owner")
    assert "203.0.113.20" not in owner.get(address, headers=ENGLISH).text
    assert "203.0.113.20" in submit(owner, f"{address}address").text
    assert [str(visitor) in reading.what for reading in session.scalars(select(VaultReading))] == [True]
    assert submit(sign_in("staff"), f"{address}address").status_code == 403


def test_the_block_list_spares_the_staff_and_private_networks(day: str, session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    nginx = submit(owner, f"{PAGE}attackers/block-list").text
    assert re.findall(r"^deny (\S+);", nginx, re.MULTILINE) == ["203.0.113.9"]
    fail2ban = submit(owner, f"{PAGE}attackers/block-list", **{"for": "fail2ban"}).text
    assert re.fullmatch(r"\S+Z bottega attack from 203\.0\.113\.9: secret-files\n", fail2ban)
    assert submit(owner, f"{PAGE}attackers/block-list", least="3").text.count("deny") == 0
    assert len(session.scalars(select(VaultReading)).all()) == 3
    assert submit(sign_in("staff"), f"{PAGE}attackers/block-list").status_code == 403


def test_a_rule_of_the_owner_s_corrects_a_class(day: str, session: Session, sign_in: SignIn) -> None:
    owner, new = sign_in("owner"), f"{PAGE}rules/new"
    values = {"name": "our tester", "kind": "staff", "subject": "network", "pattern": "203.0.113.9", "position": "5", "active": "y"}  # fmt: skip
    assert submit(owner, new, **values).status_code == 303
    assert session.scalars(select(Rule.pattern).where(Rule.position == 5)).one() == "203.0.113.0/24"
    derive_all(transaction)
    kinds = sorted(session.scalars(select(Visitor.kind)))
    assert kinds == ["attack", "attack", "staff", "staff", "staff"]
    for changes in ({"subject": "path", "pattern": "("}, {"subject": "path", "pattern": r"(a)\1"}, {"pattern": "house"}, {"subject": "misses", "pattern": "many"}):  # fmt: skip
        assert submit(owner, new, **(values | changes)).status_code == 422
    assert submit(sign_in("staff"), new, **values).status_code == 403


def test_a_rule_of_the_house_is_switched_off_and_not_deleted(day: str, session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    rule = session.scalars(select(Rule).where(Rule.origin == "secret-files")).one()
    address = f"{PAGE}rules/{rule.id}"
    assert "hidden files" in owner.get(f"{PAGE}rules/?class=attack", headers=ENGLISH).text
    values = {"name": rule.name, "kind": "attack", "subject": "path", "pattern": rule.pattern, "position": "1010"}
    assert submit(owner, f"{address}/edit", version="99", **values).status_code == 409
    assert submit(owner, f"{address}/edit", version=str(rule.version), **values).status_code == 303
    derive_all(transaction)
    assert session.scalars(select(Visitor.kind).where(Visitor.kind == "attack")).all() == ["attack"]
    session.refresh(rule)
    assert submit(owner, f"{address}/delete", version=str(rule.version)).status_code == 409
    assert "On" in owner.get(f"{address}/", headers=ENGLISH).text


def test_a_rule_of_the_owner_s_is_deleted(day: str, session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    rule = Rule(position=1, name="all", kind="monitor", subject="agent", pattern=".")
    session.add(rule)
    session.commit()
    assert "Delete the rule all?" in owner.get(f"{PAGE}rules/{rule.id}/delete", headers=ENGLISH).text
    assert submit(owner, f"{PAGE}rules/{rule.id}/delete", version="1").status_code == 303
    assert session.scalars(select(Rule).where(Rule.name == "all")).all() == []


def test_visitors_are_told_of_the_counting_as_the_settings_say(client: FlaskClient) -> None:
    english = client.get("/how-visits-are-counted", headers=ENGLISH)
    assert "for 7 days, apart from all the rest" in english.text
    assert "the last 8 of 32 bits" in english.text
    assert "for 760 days" in english.text
    assert "country" not in english.text
    assert "Set-Cookie" not in english.headers
    assert "/how-visits-are-counted" in client.get("/en", headers=ENGLISH).text
    settings = current_app.extensions["settings"]
    current_app.extensions["settings"] = replace(settings, traffic_vault_days=1, traffic_anonymize=2)
    try:
        page = client.get("/how-visits-are-counted", headers=ENGLISH).text
    finally:
        current_app.extensions["settings"] = settings
    assert "for one day, apart from all the rest" in page
    assert "the last 16 of 32 bits" in page


def test_countries_come_from_a_local_file(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "access.log", line(1), combined(at=NOON, address="198.51.100.7")))
    file = tmp_path / "countries.mmdb"
    file.write_bytes(countries({"203.0.1.0/24": "IT"}, build=1))
    for build, code in ((1, "IT"), (2, "FR")):
        file.write_bytes(countries({"203.0.1.0/24": code}, build=build))
        with transaction() as session:
            assert read_countries(session, file) == 2
            assert read_countries(session, file) == 0
        known = ask("SELECT t.text, n.country FROM traffic_networks n JOIN traffic_texts t USING (id)")
        assert dict(known) == {"203.0.1.0": code, "198.51.100.0": ""}
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(CountriesUnreadable):
        read_countries(db.session(), file)


def test_the_commands_tell_classes_and_the_block_list(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", combined(at=NOW, request="GET /.env HTTP/1.1"), combined(at=NOW, agent="curl/8")))
    runner = fresh_app.test_cli_runner()
    told = json.loads(runner.invoke(traffic, ["report", "--json"]).stdout)
    assert told["by_class"] == {kind: {"hits": 1, "visitors": 1, "visits": 1} for kind in ("attack", "bot")}
    db.session.remove()
    assert "1 hits, 1 visitors" in runner.invoke(traffic, ["report"]).stdout
    assert "deny 203.0.113.7;" in runner.invoke(traffic, ["block"]).stdout
    assert "attack from 203.0.113.7: secret-files" in runner.invoke(traffic, ["block", "--for", "fail2ban"]).stdout
    assert ask("SELECT count(*) FROM traffic_vault_readings") == [(2,)]
    assert runner.invoke(traffic, ["block", "--least", "0"]).exit_code == 2


def test_what_is_told_apart_goes_with_its_day(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", line(1)))
    later = NOW + dt.timedelta(days=2000)
    with transaction() as session:
        let_go(session, get_terms(session, fresh_app.extensions["settings"], later), later)
    assert ask("SELECT (SELECT count(*) FROM traffic_visitors), (SELECT count(*) FROM traffic_classified)") == [(0, 0)]
    assert ask("SELECT count(*) FROM traffic_parts WHERE parent = 'traffic_visitors'") == [(0,)]
