"""A list of attackers' addresses for nginx or fail2ban, from the vault: making it is written down as a reading."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.services.vault import note_reading
from webapp.core.security import Actor

ATTACKERS = text("""
    SELECT v.address, count(*) AS visitors, sum(w.hits) AS hits, min(w.first_at) AS first_at, max(w.last_at) AS last_at,
           min(r.origin) AS signature
    FROM traffic_visitors w JOIN traffic_vault v ON v.day = w.day AND v.visitor = w.visitor
    LEFT JOIN traffic_rules r ON r.id = w.rule_id
    WHERE w.class = 'attack' AND w.day BETWEEN :first AND :last
      AND NOT EXISTS (SELECT FROM traffic_vault o JOIN traffic_visitors s ON s.day = o.day AND s.visitor = o.visitor
                      WHERE o.address = v.address AND s.class = 'staff')
    GROUP BY v.address HAVING sum(w.hits) >= :least ORDER BY 3 DESC, 1
""")


@dataclass(frozen=True)
class Blocked:
    """An address to block."""

    address: str
    hits: int
    last_at: dt.datetime
    signature: str


def block_list(session: Session, *, by: Actor, first: dt.date, last: dt.date, least: int = 1) -> Sequence[Blocked]:
    """The addresses of attackers with at least so many hits on some days, as far as the vault still has them.

    Left out is who shares an address with the own staff, and this machine's and private networks: a proxy may stand there.
    """
    note_reading(session, by, f"addresses of attackers from {first} to {last}")
    rows = session.execute(ATTACKERS, {"first": first, "last": last, "least": least})
    found = [Blocked(row.address, int(row.hits), row.last_at, row.signature or "rule") for row in rows]
    return [each for each in found if _of_the_world(each.address)]


def _of_the_world(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast
    return not inside and not any(found in network for network in PRIVATE if network.version == found.version)


PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def for_nginx(blocked: Sequence[Blocked], made_at: dt.datetime) -> str:
    """As nginx takes it, by `include` inside of http, server or location."""
    head = f"# Attackers' addresses, {len(blocked)}, made {made_at:%Y-%m-%d %H:%M} UTC.\n"
    return head + "".join(f"deny {each.address};  # {each.hits} hits, {each.signature}\n" for each in blocked)


def for_fail2ban(blocked: Sequence[Blocked]) -> str:
    """As lines of a log for fail2ban, whose filter looks for `bottega attack from <HOST>:`."""
    ordered = sorted(blocked, key=lambda each: (each.last_at, each.address))
    return "".join(
        f"{each.last_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}Z bottega attack from {each.address}: {each.signature}\n"
        for each in ordered
    )
