"""The samples of docs/webhooks in five languages accept and refuse what they must.

Python's always runs; each of the others runs where its language is installed, and says so.
"""

import base64
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from webhooks.signature import signature

SAMPLES = Path("docs/webhooks")
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
ID, AT = "evt_1", 1_664_341_280
BODY = '{"type":"order.paid","data":{"name":"Lệ phí"}}'.encode()
LANGUAGES = {
    "python": (sys.executable, "verify.py"),
    "javascript": ("node", "verify.mjs"),
    "php": ("php", "verify.php"),
    "go": ("go", "run", "verify.go"),
    "java": ("java", "Verify.java"),
}


def run(language, *, sign=None, at=AT, body=BODY, now=AT):
    command = LANGUAGES[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {language} on this machine: its sample was NOT run")
    good = signature((KEY,), message_id=ID, timestamp=AT, body=BODY)
    arguments = [SECRET, ID, str(at), good if sign is None else sign, str(now)]
    ended = subprocess.run(  # noqa: S603  # our own samples
        [*command, *arguments], cwd=SAMPLES, input=body, capture_output=True, check=False
    )
    return ended.stdout.decode().strip(), ended.returncode


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_message_is_good_alone_and_beside_another_signature(language):
    good = signature((KEY,), message_id=ID, timestamp=AT, body=BODY)

    assert run(language) == ("good", 0)
    assert run(language, sign=f"v1,{'A' * 43}= {good}") == ("good", 0)
    assert run(language, now=AT + 299) == ("good", 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_message_an_old_one_and_no_signature_are_bad(language):
    assert run(language, body=BODY + b" ") == ("bad", 1)
    assert run(language, at=AT + 1) == ("bad", 1)
    assert run(language, now=AT + 301) == ("bad", 1)
    assert run(language, sign="") == ("bad", 1)
    assert run(language, sign="v1,") == ("bad", 1)


def test_the_samples_vector_is_what_the_reference_library_signs():
    signed = Webhook(SECRET).sign(ID, datetime.fromtimestamp(AT, UTC), BODY.decode())

    assert signed == signature((KEY,), message_id=ID, timestamp=AT, body=BODY)
