"""One part of the demo in a process of its own: `python -m paygate.demo.part NAME PORT DATA`."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from types import FrameType

import flask

from paygate.bootstrap import configuration, emulators, line_to_rails
from paygate.demo.addresses import Addresses
from paygate.demo.portal.app import create_portal
from paygate.demo.prepare import BENEFICIARY
from paygate.domain.clock import SystemClock
from paygate.logs import configure_logs
from paygate.sandbox import Messenger, create_sandbox, make_server
from paygate.worker import work
from paygate.wsgi import serve


def main(name: str, port: int, data: Path) -> None:
    """Run the part called *name* until the process is told to stop."""
    addresses = Addresses(port)
    configure_logs()
    if name == "gateway":
        serve(configuration(demo=True))
    elif name == "worker":
        work(configuration(demo=True))
    elif name == "sandbox":
        config = configuration(demo=True)
        messenger = Messenger(line_to_rails)
        made = emulators(config, base_url=addresses.sandbox)
        _serve_forever(create_sandbox(made, messenger, clock=SystemClock()), port + 1)
    elif name == "portal":
        credentials = json.loads((data / "portal.json").read_text(encoding="utf-8"))
        portal = create_portal(
            gateway_url=addresses.gateway,
            api_key=credentials["api_key"],
            webhook_secret=credentials["webhook_secret"],
            public_url=addresses.portal,
            beneficiary=BENEFICIARY,
            data_path=data / "portal.db",
        )
        _serve_forever(portal, port + 2)
    else:
        raise SystemExit(f"no part is called {name}")


def _serve_forever(app: flask.Flask, port: int) -> None:
    signal.signal(signal.SIGTERM, _stop)
    make_server(app, port).serve_forever()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
