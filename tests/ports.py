"""Ports for servers that a test starts."""

import random
import socket


def free_port() -> int:
    """A port that nothing listens on, and that the system gives to no outgoing connection before the server is there.

    Those come from 32768 and above on Linux, from 49152 elsewhere.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return port
        except OSError:
            continue
