"""Check a message of paygate: `python3 verify.py SECRET ID TIMESTAMP SIGNATURE [NOW] < BODY`."""

import base64
import hashlib
import hmac
import sys
import time

TOLERANCE_S = 300


def verify(secret, message_id, timestamp, signature, body, now):
    if not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    good = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(good, one) for one in signature.split(" "))


if __name__ == "__main__":
    *given, now = sys.argv[1:6] if len(sys.argv) > 5 else [*sys.argv[1:5], time.time()]
    good = verify(*given, sys.stdin.buffer.read(), float(now))
    print("good" if good else "bad")
    sys.exit(0 if good else 1)
