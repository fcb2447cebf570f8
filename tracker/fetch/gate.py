"""The gate: which addresses are dialled at all. It sits in the transport itself, so no caller can forget it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import httpcore

from tracker.errors import Refused

NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not public, though the standard library of some Python versions takes them for public.
RESERVED = [ipaddress.ip_network(net) for net in ("fec0::/10", "3fff::/20", "192.88.99.0/24", "168.63.129.16/32")]
ISATAP = 0x5EFE  # an IPv4 address hides behind it, in the last 32 bits of an IPv6 address


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also after unwrapping IPv4 that hides in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64 or (int(ip) >> 32) & 0xFFFF == ISATAP:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden:
            return is_public(str(hidden))
    listed = any(ip.version == net.version and ip in net for net in RESERVED)
    return ip.is_global and not (listed or ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class Gate(httpcore.AsyncNetworkBackend):
    """Dials only addresses that it has checked: what was looked up is what is connected to, so DNS cannot lie later."""

    def __init__(self, allow_loopback: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_loopback = allow_loopback

    def _allows(self, address: str) -> bool:
        plain = address.partition("%")[0]
        return is_public(plain) or (self._allow_loopback and ipaddress.ip_address(plain).is_loopback)

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be dialled. Raises Refused if any of them is not public, ConnectError if it
        has none."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} was not found") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        refused = [address for address in addresses if not self._allows(address)]
        if refused:
            raise Refused(
                f"The address {refused[0]} of {host} is not a public one.",
                remedy="Declare the public address; for a test on this machine set TRACKER_ALLOW_LOOPBACK=1.",
            )
        return addresses[:4]

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self.addresses(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, path, timeout=None, socket_options=None):
        raise Refused("Unix sockets are not fetched.")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
