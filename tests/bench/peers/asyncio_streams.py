"""A chat on asyncio streams: one write per member and line, as the tutorials have it.

It never awaits drain(): with it, one client that does not read stops the room for ever.
"""

import asyncio
import contextlib
import itertools
from asyncio import StreamReader, StreamWriter

import words

numbers = itertools.count(1)
room: list[StreamWriter] = []


def broadcast(line: bytes, author: StreamWriter) -> None:
    for member in room:
        if member is not author:
            member.write(line)


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    number = next(numbers)
    broadcast(words.joined(number), writer)
    room.append(writer)
    try:
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                if text := line.strip(b"\r\n"):
                    broadcast(words.said(number, text), writer)
    finally:
        room.remove(writer)
        writer.close()
        broadcast(words.left(number), writer)


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    await server.serve_forever()


asyncio.run(main())
