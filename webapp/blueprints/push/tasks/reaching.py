"""Connections that lead into the world and nowhere else: an address that a stranger gave must not open a door of this network."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, ClassVar

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 as networks without it see it (RFC 6052)


class LeadsInside(ValueError):
    """The name leads into a network that is not the world's."""


def is_of_the_world(address: str) -> bool:
    """Whether an address is a public one, and so is the IPv4 address that it may wrap."""
    outer = ipaddress.ip_address(address.partition("%")[0])
    inner: list[Any] = []
    if isinstance(outer, ipaddress.IPv6Address):
        inner = [outer.ipv4_mapped, outer.sixtofour, *(outer.teredo or ())]
        if outer in TRANSLATED:
            inner.append(ipaddress.IPv4Address(int(outer) & 0xFFFFFFFF))
    return all(each.is_global and not each.is_multicast for each in (outer, *inner) if each is not None)


class _Connection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        """Look the name up once and connect to what was looked at: a second answer could lead elsewhere (DNS rebinding)."""
        name = self._dns_host
        try:
            found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        except socket.gaierror as problem:
            raise NameResolutionError(self.host, self, problem) from problem
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not all(is_of_the_world(each) for each in addresses):
            raise LeadsInside("the name of the push service leads into a private network")
        try:
            for number, address in enumerate(addresses, start=1):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except NewConnectionError:
                    if number == len(addresses):
                        raise
            raise NewConnectionError(self, "the name has no address")
        finally:
            self._dns_host = name  # the name that the certificate must have


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class WorldAdapter(HTTPAdapter):
    """Carries https requests to public addresses; what leads elsewhere raises LeadsInside before anything is sent."""

    pools: ClassVar[dict[str, type[HTTPSConnectionPool]]] = {"https": _Pool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does, with pools of our own."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools
