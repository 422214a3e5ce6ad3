"""Web processes share the connections of a burst (paygate/wsgi.py)."""

import errno
import io
import socket
import time
from types import SimpleNamespace

import pytest
from gunicorn.workers.gthread import ThreadWorker

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


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    ("case", "answered"),
    [
        ((b"next", THREADS, True, b""), 2),
        ((b"", THREADS, True, b""), 1),  # nothing follows
        ((b"next", THREADS + 1, True, b""), 1),  # somebody waits for a thread
        ((b"next", THREADS, False, b""), 1),  # the process is stopping
        ((b"next", THREADS, True, b"next"), 1),  # what was read ahead is the main loop's
    ],
)
def test_a_thread_stays_with_a_connection_for_what_follows_at_once(
    monkeypatch, line, case, answered
):
    sent, connections, alive, buffered = case
    ours, theirs = line
    theirs.sendall(sent)
    seen: list[object] = []

    def answer(_worker, conn):
        seen.append(conn)
        if len(seen) > 1:
            conn.sock.recv(100)
        return True

    monkeypatch.setattr(ThreadWorker, "handle", answer)
    worker = FairWorker.__new__(FairWorker)
    worker.nr_conns, worker.alive = connections, alive
    worker.cfg = SimpleNamespace(threads=THREADS)
    unreader = SimpleNamespace(buf=io.BytesIO(buffered))

    kept = worker.handle(SimpleNamespace(sock=ours, parser=SimpleNamespace(unreader=unreader)))

    assert kept is True
    assert len(seen) == answered


@pytest.mark.parametrize("result", [False, object()])
def test_a_connection_that_is_not_kept_is_not_stayed_with(monkeypatch, result):
    monkeypatch.setattr(ThreadWorker, "handle", lambda _worker, _conn: result)
    worker = FairWorker.__new__(FairWorker)

    assert worker.handle(SimpleNamespace()) is result
