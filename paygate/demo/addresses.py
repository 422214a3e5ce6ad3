"""Where the parts of a demo listen: the gateway, then the sandbox, then the portal."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "127.0.0.1"
RAILS = {"vnptpay": "VNPT Money", "vnpay": "VNPAY"}
"""Each account of the demo has the code of its rail; beside it what citizens call it."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Three neighbouring ports of this machine, by the first of them."""

    port: int

    @property
    def ports(self) -> tuple[int, int, int]:
        """Return the ports of gateway, sandbox and portal."""
        return self.port, self.port + 1, self.port + 2

    @property
    def gateway(self) -> str:
        """Return the gateway's origin."""
        return f"http://{HOST}:{self.port}"

    @property
    def sandbox(self) -> str:
        """Return the sandbox's origin."""
        return f"http://{HOST}:{self.port + 1}"

    def emulator(self, account: str) -> str:
        """Return where the sandbox plays the rail of *account*."""
        return f"{self.sandbox}/{account}"

    def callback(self, account: str) -> str:
        """Return where the rail of *account* sends its callbacks."""
        return f"{self.gateway}/webhooks/{account}"

    @property
    def portal(self) -> str:
        """Return the demo portal's origin."""
        return f"http://{HOST}:{self.port + 2}"
