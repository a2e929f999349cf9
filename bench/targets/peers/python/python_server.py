"""A WebSocket server on Python's websockets, a peer to compare ours with: it greets and echoes.

    python3 python_server.py PORT GREETING
"""

import asyncio
import sys

import websockets


async def main(port: str, greeting: str) -> None:
    async def serve(socket, *_path) -> None:
        await socket.send(greeting)
        async for message in socket:
            await socket.send(message)

    async with websockets.serve(serve, "127.0.0.1", int(port), compression=None, backlog=4096):
        await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
