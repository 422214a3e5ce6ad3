"""A body is read whole or refused, whether it tells its length or not."""

import io

import flask
import pytest

from paygate.http.limits import read_body

LIMIT = 100


@pytest.fixture
def client():
    app = flask.Flask("limits")

    @app.post("/")
    def echo():
        body = read_body(LIMIT)
        return {"length": len(body), "form": flask.request.form.to_dict()}

    return app.test_client()


def send(client, body, *, chunked, **more):
    if not chunked:
        return client.post("/", data=body, **more)
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post("/", input_stream=io.BytesIO(body), environ_overrides=environ, **more)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("length", [0, 1, LIMIT - 1, LIMIT])
def test_a_body_within_the_limit_is_read_whole(client, length, chunked):
    answer = send(client, b"a" * length, chunked=chunked)

    assert answer.json == {"length": length, "form": {}}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("length", [LIMIT + 1, LIMIT + 2, 100_000, 10_000_000])
def test_a_longer_body_is_413(client, length, chunked):
    assert send(client, b"a" * length, chunked=chunked).status_code == 413


@pytest.mark.parametrize("chunked", [False, True])
def test_a_form_is_read_from_the_same_bytes(client, chunked):
    kind = "application/x-www-form-urlencoded"

    answer = send(client, b"method=fake", chunked=chunked, content_type=kind)

    assert answer.json == {"length": 11, "form": {"method": "fake"}}


class Endless(io.RawIOBase):
    """A body that never ends, and counts what was taken of it."""

    taken = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.taken += len(buffer)
        return len(buffer)


def test_of_a_body_without_end_no_more_is_read_than_the_limit(client):
    body = Endless()
    environ = {
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }

    answer = client.post("/", environ_overrides=environ)

    assert answer.status_code == 413
    assert body.taken <= LIMIT + 1
