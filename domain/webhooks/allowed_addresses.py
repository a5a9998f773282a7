"""Which addresses of the network we speak to when somebody else chose the name (SSRF)."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_METADATA = frozenset({IPv4Address("168.63.129.16")})
"""Machines of providers that answer at a public address to whoever asks from inside."""
_TRANSLATED = ip_network("64:ff9b::/96")
_LOCAL_USE = ip_network("64:ff9b:1::/48")


def is_allowed(address: str, *, private: bool) -> bool:
    """Whether an address may be spoken to: public ones, and with `private` those of this machine and its network too.

    Link-local addresses, where providers keep metadata and credentials, and multicast never may.

    >>> [is_allowed(each, private=False) for each in ("93.184.216.34", "127.0.0.1", "10.0.0.7", "::ffff:10.0.0.7")]
    [True, False, False, False]
    >>> [is_allowed(each, private=True) for each in ("127.0.0.1", "fd00::1", "169.254.169.254", "fe80::1%eth0")]
    [True, True, False, False]
    """
    try:
        found = _embedded(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found in _METADATA or found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    if isinstance(found, IPv6Address) and (found.is_site_local or found in _LOCAL_USE):
        return False
    return found.is_global or (private and is_private(str(found)))


def is_private(address: str) -> bool:
    """Whether an address is of this machine or of its own network."""
    found = _embedded(ip_address(address.partition("%")[0]))
    return found.is_loopback or (found.is_private and not found.is_reserved)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
