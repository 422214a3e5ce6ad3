"""The rails' own side over HTTP."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from paygate.domain.outcome import Outcome
from paygate.sandbox import Messenger, create_sandbox, make_server
from providers.contract import (
    Arrival,
    Errand,
    HttpCall,
    HttpReply,
    NotSentError,
    Said,
    SilentError,
    Visit,
)
from providers.transport import make_send
from providers.vnptpay.emulator.house import emulate
from tests.providers import dropping_app
from tests.providers.vnpay import builders as vnpay
from tests.providers.vnptpay.builders import PLACE, a_checkout, a_rail, facts_of, settings

NOW = datetime(2022, 9, 28, 3, 15, tzinfo=UTC)
FAST = (0.001,) * 9


class StoppedClock:
    def now(self):
        return NOW


class Gateway:
    """What the emulators call: it keeps what came, and answers from a script, then 200."""

    def __init__(self, *script):
        self.script = list(script)
        self.heard = []
        self.told = threading.Condition()

    def __call__(self, call):
        with self.told:
            self.heard.append(call)
            answer = self.script.pop(0) if self.script else HttpReply(200, {}, b"")
            self.told.notify_all()
        if isinstance(answer, OSError):
            raise answer
        return answer

    def wait_for(self, count):
        with self.told:
            return self.told.wait_for(lambda: len(self.heard) >= count, timeout=5)


class Scripted:
    """An emulator that answers the same visit to everybody."""

    def __init__(self, visit):
        self.visited = []
        self.wishes = {}
        self.answer = visit

    def visit(self, arrival):
        self.visited.append(arrival)
        return self.answer

    def control(self, wishes):
        if "impossible" in wishes:
            raise ValueError("cannot do impossible")
        self.wishes.update(wishes)

    def acknowledged(self, reply):
        return reply.status == 200


HELLO = HttpReply(201, {"X-A": "b", "Content-Type": "text/x"}, b"hello")
CALL = HttpCall("POST", "http://gateway/webhooks/a", {}, b"news")
NOT_YET = HttpReply(500, {}, b"")


@contextmanager
def a_sandbox(visit, gateway=None, *, waits_s=FAST):
    emulator = Scripted(visit)
    messenger = Messenger(gateway or Gateway(), waits_s=waits_s)
    app = create_sandbox({"a": emulator}, messenger, clock=StoppedClock())
    app.testing = True
    try:
        yield app.test_client(), emulator
    finally:
        messenger.close()


def test_a_request_reaches_the_emulator_byte_for_byte():
    with a_sandbox(Visit(HELLO)) as (client, emulator):
        client.post(
            "/a/rest/x?b=%2F&a=+1",
            data=b"\xff\x00{",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": "Bearer x"},
        )

    (arrival,) = emulator.visited
    assert (arrival.method, arrival.path, arrival.query) == ("POST", "/rest/x", b"b=%2F&a=+1")
    assert (arrival.body, arrival.arrived_at) == (b"\xff\x00{", NOW)
    assert arrival.header("authorization") == "Bearer x"


def test_an_answer_is_the_emulators():
    with a_sandbox(Visit(HELLO)) as (client, _):
        reply = client.get("/a/")

    assert (reply.status_code, reply.data, reply.headers["X-A"]) == (201, b"hello", "b")
    assert reply.headers["Content-Type"] == "text/x"


def test_nobody_lives_at_another_address():
    with a_sandbox(Visit(HELLO)) as (client, emulator):
        statuses = [client.get(path).status_code for path in ("/", "/b/", "/b/x")]
        statuses.append(client.post("/control/b").status_code)

    assert (statuses, emulator.visited) == ([404] * 4, [])


def test_an_errand_before_is_done_when_the_answer_comes():
    gateway = Gateway()
    with a_sandbox(Visit(HELLO, before=(Errand(CALL),)), gateway) as (client, _):
        client.get("/a/")

        assert gateway.heard == [CALL]


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("trouble", [NOT_YET, SilentError("x"), NotSentError("x")])
def test_an_errand_is_repeated_until_it_is_acknowledged(place, trouble):
    gateway = Gateway(trouble, trouble, trouble)
    with a_sandbox(Visit(HELLO, **{place: (Errand(CALL),)}), gateway) as (client, _):
        client.get("/a/")

        assert gateway.wait_for(4)

    assert gateway.heard == [CALL] * 4


def test_an_errand_is_given_up_after_ten_tries():
    gateway = Gateway(*[NOT_YET] * 20)
    messenger = Messenger(gateway, waits_s=FAST)
    emulator = Scripted(Visit(HELLO))

    messenger.run_later(emulator, Errand(CALL))

    assert gateway.wait_for(10)
    time.sleep(0.05)
    messenger.close()
    assert len(gateway.heard) == 10


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_forgery_comes_once(place):
    gateway = Gateway(NOT_YET)
    visit = Visit(HELLO, **{place: (Errand(CALL, once=True),)})
    with a_sandbox(visit, gateway) as (client, _):
        client.get("/a/")
        assert gateway.wait_for(1)
        time.sleep(0.05)

    assert gateway.heard == [CALL]


def test_a_delayed_errand_waits_and_close_drops_it():
    gateway = Gateway()
    with a_sandbox(Visit(HELLO, after=(Errand(CALL, after_s=60),)), gateway) as (client, _):
        client.get("/a/")
        began = time.monotonic()

    assert gateway.heard == []
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("how", [{"json": {"x": "y"}}, {"data": {"x": "y"}}])
def test_wishes_come_as_json_or_as_a_form(how):
    with a_sandbox(Visit(HELLO)) as (client, emulator):
        reply = client.post("/control/a", **how)

    assert (reply.status_code, emulator.wishes) == (204, {"x": "y"})


@pytest.mark.parametrize("wish", [{"impossible": "1"}, ["x"], "x"])
def test_a_wish_that_cannot_be_is_answered_400(wish):
    with a_sandbox(Visit(HELLO)) as (client, _):
        reply = client.post("/control/a", json=wish)

    assert reply.status_code == 400
    assert reply.mimetype == "text/plain"


def test_control_is_no_account():
    with pytest.raises(ValueError, match="control"):
        create_sandbox(
            {"control": Scripted(Visit(HELLO))}, Messenger(Gateway()), clock=StoppedClock()
        )


# ---- over real connections ------------------------------------------------------------------
def loopback(test):
    return pytest.mark.loopback(pytest.mark.allow_hosts(["127.0.0.1"])(test))


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def a_free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def serving(app, port=0):
    server = make_server(app, port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hangs_up(port):
    """Tell whether the server answers `/a/here`, and no byte to `/a/there`."""
    send = make_send()
    here = send(HttpCall("GET", f"http://127.0.0.1:{port}/a/here", {}, b""))
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(b"POST /a/there HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        try:
            heard = sock.recv(100)
        except ConnectionResetError:
            heard = b""
    with pytest.raises(SilentError):
        send(HttpCall("POST", f"http://127.0.0.1:{port}/a/there", {}, b"hi"))
    return (here.body, heard) == (b"here", b"")


@loopback
def test_the_whole_way_where_the_browser_opens_the_session():
    port = a_free_port()
    base = f"http://127.0.0.1:{port}/vnpay"
    rail = vnpay.a_rail(base_url=(base,))
    there = vnpay.a_gateway(base_url=(base,))
    gateway, reports = Gateway(), []

    def take(call):
        query = urlsplit(call.url).query.encode()
        arrival = Arrival(call.method, "/", query, tuple(call.headers.items()), call.body, NOW)
        reports.extend(rail.read_callback(arrival))
        gateway(call)
        return rail.answer(arrival, Outcome.APPLIED)

    messenger, send = Messenger(take), make_send()
    app = create_sandbox({"vnpay": there}, messenger, clock=StoppedClock())
    with serving(app, port):
        page = rail.start(vnpay.a_checkout()).url
        assert b"5.000 VND" in send(HttpCall("GET", page, {}, b"")).body
        form = f"{base}/paymentv2/pay/{vnpay.REF}"
        home = send(HttpCall("POST", form, FORM, urlencode({"action": "pay"}).encode()))
        assert (home.status, gateway.wait_for(1)) == (303, True)
        question = rail.ask_status(vnpay.facts_of(vnpay.a_checkout()))
        told = question.read(send(question.call))
    messenger.close()

    assert reports == [told]
    assert told.said is Said.PAID


@loopback
def test_no_reply_is_a_dropped_connection():
    with serving(dropping_app.app) as port:
        assert hangs_up(port)


@loopback
def test_no_reply_is_a_dropped_connection_under_gunicorn_too():
    port = a_free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "2", "-w", "1"]
    bind = ["-b", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "error"]
    server = subprocess.Popen(  # noqa: S603  # our own interpreter, and words of ours
        [*command, *bind, "tests.providers.dropping_app:app"], cwd=Path(__file__).parents[2]
    )
    try:
        assert any(reachable(port) for _ in range(200))
        assert hangs_up(port)
    finally:
        server.terminate()
        server.wait(10)


def reachable(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        time.sleep(0.05)
        return False


@loopback
def test_a_test_client_is_told_that_nothing_can_be_dropped():
    client = dropping_app.app.test_client()
    dropping_app.app.testing = True

    with pytest.raises(ConnectionAbortedError):
        client.get("/a/there")


@loopback
def test_the_whole_way_of_a_payment_over_http():
    port = a_free_port()
    base = f"http://127.0.0.1:{port}/vnptpay"
    rail = a_rail(base_url=(base,))
    wallet = emulate(settings(base_url=(base,)), replace(PLACE, base_url=base))
    gateway = Gateway()
    reports = []

    def take(call):
        arrival = Arrival(call.method, "/", b"", tuple(call.headers.items()), call.body, NOW)
        reports.extend(rail.read_callback(arrival))
        gateway(call)
        return rail.answer(arrival, Outcome.APPLIED)

    messenger, send = Messenger(take), make_send()
    app = create_sandbox({"vnptpay": wallet}, messenger, clock=StoppedClock())
    with serving(app, port):
        ask = rail.start(a_checkout())
        page = ask.read(send(ask.call)).url
        assert b"5.000 VND" in send(HttpCall("GET", page, {}, b"")).body
        home = send(HttpCall("POST", page, FORM, urlencode({"action": "pay"}).encode()))
        assert (home.status, gateway.wait_for(1)) == (303, True)
        question = rail.ask_status(facts_of(a_checkout()))
        told = question.read(send(question.call))
    messenger.close()

    assert reports == [told]
    assert told.said is Said.PAID
