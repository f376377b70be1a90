"""Serves everybody by asyncio, in the main thread."""

import argparse
import asyncio
import contextlib
import signal
from datetime import datetime

MOST_WAITING = 8 << 20  # bytes


class Room:
    def __init__(self):
        self.writers = {}  # writer -> name
        self.joined = 0

    def tell_others(self, text, author):
        line = f"{datetime.now():%H:%M} - {text}"
        print(line)
        for writer in self.writers:
            if writer is author:
                continue
            writer.write(f"{line}\n".encode())
            if writer.transport.get_write_buffer_size() > MOST_WAITING:
                writer.transport.abort()

    async def visit(self, reader, writer):
        self.joined += 1
        name = f"Пользователь #{self.joined}"
        self.tell_others(f"{name} присоединился к чату!", writer)
        self.writers[writer] = name
        with contextlib.suppress(OSError):
            async for line in reader:
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                if text:
                    self.tell_others(f"{name} - {text}", writer)
        del self.writers[writer]
        self.tell_others(f"{name} покинул чат.", writer)
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    room = Room()
    await asyncio.start_server(room.visit, options.host, options.port, backlog=500)
    await stopped.wait()
    for writer in list(room.writers):
        writer.transport.abort()


asyncio.run(main())
