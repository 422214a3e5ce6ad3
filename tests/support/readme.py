"""Run the commands of a Markdown file word for word, in its order: `make readme`.

Every `sh` block is run by bash. `make run` never ends by itself: it is started, awaited until the
gateway is ready, and ended after the last block.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDLESS = "make run"
READY = "http://127.0.0.1:8000/readyz"
UP_S_MAX = 180  # the demo is up within three minutes on a fresh machine
COMMAND_S_MAX = 1_200


def main(path: Path) -> int:
    """Return 0 when every command of *path* succeeded."""
    blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
    if not blocks:
        print(f"{path} has no commands")
        return 1
    demo: subprocess.Popen[bytes] | None = None
    try:
        for command in (line for block in blocks for line in block.splitlines() if line):
            print(f"$ {command}", flush=True)
            if command == ENDLESS:
                demo = _start(command)
                continue
            ended = subprocess.run(["/bin/bash", "-c", command], check=False, timeout=COMMAND_S_MAX)
            if ended.returncode != 0:
                print(f"{command}: ended with {ended.returncode}")
                return 1
            print(flush=True)
    finally:
        if demo is not None:
            os.killpg(demo.pid, signal.SIGINT)
            demo.wait(30)
    print(f"{path}: every command ran")
    return 0


def _start(command: str) -> subprocess.Popen[bytes]:
    begun = time.monotonic()
    demo = subprocess.Popen(["/bin/bash", "-c", command], start_new_session=True)
    while not _is_ready():
        if demo.poll() is not None or time.monotonic() - begun > UP_S_MAX:
            raise SystemExit(f"{command}: not up after {time.monotonic() - begun:.0f} s")
        time.sleep(0.2)
    print(f"(up after {time.monotonic() - begun:.1f} s)", flush=True)
    return demo


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(READY, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
