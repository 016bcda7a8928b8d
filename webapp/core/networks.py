"""What one address on the network stands for, where it is counted how often somebody comes."""

from __future__ import annotations

import ipaddress


def household_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 one the /64 that a household has, in which it takes another as it likes."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))
