"""Where the parts of a demo listen: the gateway, then the sandbox, then the portal."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "127.0.0.1"
ACCOUNT = "vnptpay"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Three neighbouring ports of this machine, by the first of them."""

    port: int

    @property
    def gateway(self) -> str:
        """Return the gateway's origin."""
        return f"http://{HOST}:{self.port}"

    @property
    def sandbox(self) -> str:
        """Return the sandbox's origin."""
        return f"http://{HOST}:{self.port + 1}"

    @property
    def portal(self) -> str:
        """Return the demo portal's origin."""
        return f"http://{HOST}:{self.port + 2}"
