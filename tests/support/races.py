"""Real processes that wait for each other before every round; without, a race proves nothing."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

ROUNDS = int(os.environ.get("PAYGATE_RACE_ROUNDS", "40"))
PROCESSES = 4
WAIT_S_MAX = 60
RESULT_S_MAX = 240


def together(target: Callable[..., None], url: str, *more: object) -> list[Any]:
    """Run *target* (url, barrier, results, process, *more*) in processes; return all they put."""
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(PROCESSES), spawn.Queue()
    workers = [
        spawn.Process(target=target, args=(url, barrier, results, number, *more))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    found = [each for _ in workers for each in results.get(timeout=RESULT_S_MAX)]
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    return found
