"""The commands of the guide for portals do what the guide says, word for word."""

import shlex
from pathlib import Path
from string import Template

import pytest

from tests.support.documents import commands
from tests.support.gateway import BASE, a_gateway
from webhooks.outbound import deliver_due

pytestmark = pytest.mark.functional
GUIDE = Path("docs/portal.md")


@pytest.fixture
def gateway(db):
    return a_gateway(db)


def asked(command, known):
    """Return method, address, headers and body of a curl command."""
    _, *words = shlex.split(Template(command).safe_substitute(known))
    method, url, headers, body = None, "", {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        elif word == "-o":
            words.pop(0)
        elif word != "-sS":
            url = word
    return method or ("GET" if body is None else "POST"), url.removeprefix(BASE), headers, body


def test_every_command_of_the_guide_succeeds(gateway):
    endpoint = gateway.call("POST", "/v1/webhook-endpoints", {"url": "https://portal.example/h"})
    gateway.call("POST", f"/v1/webhook-endpoints/{endpoint.json['id']}/ping")
    deliver_due(gateway.house, gateway.act(), lambda *_: 200, lambda: 0.0)
    [message] = gateway.get("/v1/webhook-messages").json["data"]
    known = {
        "GATEWAY": BASE,
        "KEY": gateway.key,
        "ENDPOINT": endpoint.json["id"],
        "MESSAGE": message["id"],
        "ORDER": gateway.post_order().json["id"],
    }
    answers = {}

    for command in commands(GUIDE):
        method, path, headers, body = asked(command, known)
        answer = gateway.client.open(path, method=method, headers=headers, data=body)
        answers[command] = answer.status_code

    assert len(answers) >= 12
    assert {command: status for command, status in answers.items() if status >= 300} == {}
