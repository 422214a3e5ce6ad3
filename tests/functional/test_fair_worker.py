"""Web processes share the connections of a burst (paygate/wsgi.py)."""

import errno
import socket
import time
from types import SimpleNamespace

import pytest

from paygate.wsgi import FairWorker

THREADS = 8


class TakenByANeighbour(socket.socket):
    def accept(self):
        raise BlockingIOError(errno.EAGAIN, "somebody was faster")


@pytest.mark.parametrize(("connections", "yields"), [(0, 0), (THREADS - 1, 0), (THREADS, 1)])
def test_a_process_with_a_connection_for_each_thread_lets_others_go_first(
    monkeypatch, connections, yields
):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    worker = FairWorker.__new__(FairWorker)
    worker.nr_conns, worker.cfg = connections, SimpleNamespace(threads=THREADS)

    with TakenByANeighbour() as listener:
        worker.accept(listener)

    assert len(slept) == yields
    assert worker.nr_conns == connections
