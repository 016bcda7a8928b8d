"""From where somebody asks, as limits count it."""

from __future__ import annotations

import ipaddress

HOUSEHOLD = 64  # bits of an IPv6 address; the others whoever lives there chooses anew as often as they like (RFC 8981)


def household(address: str) -> str:
    """An IPv4 address as it is, of an IPv6 one the network that a household has; what is no address as it is."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, HOUSEHOLD), strict=False))
