"""A chat on an asyncio protocol, batched by hand: one write per member and tick of the loop."""

import asyncio
import itertools

import words

numbers = itertools.count(1)
room: dict["Member", None] = {}
waiting = False  # is a flush on its way?


def broadcast(line: bytes, author: "Member") -> None:
    global waiting
    for member in room:
        if member is not author:
            member.outbox.append(line)
    if not waiting:
        waiting = True
        asyncio.get_running_loop().call_soon(flush)


def flush() -> None:
    global waiting
    waiting = False
    for member in room:
        if member.outbox:
            member.transport.write(b"".join(member.outbox))
            member.outbox.clear()


class Member(asyncio.Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport, self.rest, self.outbox = transport, b"", []
        self.number = next(numbers)
        broadcast(words.joined(self.number), self)
        room[self] = None

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        said = [words.said(self.number, line.rstrip(b"\r")) for line in lines if line.strip(b"\r")]
        if said:
            broadcast(b"".join(said), self)

    def connection_lost(self, exc: Exception | None) -> None:
        del room[self]
        broadcast(words.left(self.number), self)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Member, "127.0.0.1", 0, backlog=4096)
    await server.serve_forever()


asyncio.run(main())
