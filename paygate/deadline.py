"""A time limit over a whole exchange on a socket, however lively the other side drips."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Self


class Deadline:
    """Cuts *sock* when its time is over; closes it when the block ends."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.sock = sock
        self.passed = threading.Event()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        sock.settimeout(seconds)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()  # else it could cut a connection that took over the descriptor
        self.sock.close()

    def secure(self, trust: ssl.SSLContext, host: str) -> None:
        """Speak TLS with *host*; the handshake counts, too.

        Raises:
            OSError: not trusted, broken off, or (TimeoutError) too slow.
        """
        self.sock = tls = trust.wrap_socket(
            self.sock, server_hostname=host, do_handshake_on_connect=False
        )
        if self.passed.is_set():  # it may have cut the plain socket, which is no more
            raise TimeoutError
        tls.do_handshake()

    def _cut(self) -> None:
        self.passed.set()
        try:
            # Of the plain class: that of an SSLSocket drops its TLS state under the reader's feet.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except OSError:
            return  # the other side was faster


def verifying() -> ssl.SSLContext:
    """Return how certificates are checked: the system's authorities, TLS 1.2 or newer."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
