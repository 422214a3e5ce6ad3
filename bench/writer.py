"""A writer of callbacks without HTTP: `python -m bench.writer FIRST COUNT START_AT SECONDS`.

It prints `ready`, begins at START_AT of the machine's monotonic clock, so that all writers begin
together, and prints one line of JSON: how many callbacks it booked, and how long each took.
"""

from __future__ import annotations

import json
import logging
import sys
import time

from bench.calls import arrival_of
from bench.ground import ACCOUNT, an_act
from paygate.bootstrap import configuration, open_house
from paygate.domain.ids import RandomIds
from paygate.logs import configure_logs
from webhooks.inbox import receive

GOOD = b'"RESPONSE_CODE":"00"'


def main(first: int, count: int, start_at: float, seconds: float) -> None:
    """Hand callbacks to the inbox, one after the other, until the time is over."""
    configure_logs(logging.CRITICAL)
    config = configuration()
    house = open_house(config)
    merchant = house.merchants[ACCOUNT]
    secret = config.accounts[0].settings["secret_key"][0]
    now = an_act(RandomIds()).now
    calls = [arrival_of(number, secret, now) for number in range(first, first + count)]
    print("ready", flush=True)  # noqa: T201  # whoever started it reads this
    if time.monotonic() > start_at:
        raise SystemExit("not ready when the others began: the machine is too busy to measure")
    time.sleep(start_at - time.monotonic())
    waits: list[float] = []
    ends = start_at + seconds
    for call in calls:
        began = time.monotonic()
        if began >= ends:
            break
        answer = receive(house, an_act(RandomIds()), merchant, call)
        if GOOD not in answer.body:
            raise SystemExit(f"not taken: {answer.body!r}")
        waits.append((time.monotonic() - began) * 1000)
    else:
        raise SystemExit("the callbacks did not last")
    print(json.dumps({"waits_ms": waits}), flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
