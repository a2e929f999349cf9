"""A server on Python's websockets that is known to leak, or to do what is taken for a leak.

    python3 python_known_server.py PORT BEHAVIOUR BYTES

With KNOWN_TLS=CERT,KEY it speaks TLS.
"""

import asyncio
import os
import ssl
import sys

import websockets

GREETING = '{"type":"greeting","message":"hello"}'
CACHE_ENTRIES = int(os.environ.get("KNOWN_CACHE_ENTRIES", "15000"))
LATE_SECONDS = 2

kept = []
cache = {}
opened_total = 0


class Session:
    """What a program keeps of a connection: some fields and its bytes."""

    def __init__(self, number, size):
        self.number = number
        self.buffer = bytes(bytearray(size))


class Cycle:
    """Refers to itself, so that only the collector of cycles frees it."""

    def __init__(self, size):
        self.itself = self
        self.buffer = bytes(bytearray(size))


def opened(behaviour, size):
    global opened_total
    opened_total += 1
    if behaviour == "leak":
        kept.append(Session(opened_total, size))
    elif behaviour == "leak-tenth" and opened_total % 10 == 0:
        kept.append(Session(opened_total, size))
    elif behaviour == "cycles":
        Cycle(size)
    elif behaviour == "cache":
        cache.setdefault(opened_total % CACHE_ENTRIES, bytes(bytearray(size)))


async def main(port, behaviour, size):
    async def serve(socket, *_path):
        opened(behaviour, int(size))
        await socket.send(GREETING)
        async for message in socket:
            if behaviour == "leak-message":
                kept.append(Session(0, int(size)))
            await socket.send(message)
        if behaviour == "late":
            ballast = bytes(bytearray(int(size)))
            await asyncio.sleep(LATE_SECONDS)
            del ballast

    context = None
    if "KNOWN_TLS" in os.environ:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*os.environ["KNOWN_TLS"].split(","))
    async with websockets.serve(
        serve, "127.0.0.1", int(port), compression=None, backlog=4096, ssl=context
    ):
        await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
