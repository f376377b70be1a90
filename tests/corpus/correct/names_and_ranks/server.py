"""Asks for a name; tells it in title case, with how many are there and who is the eldest."""

import contextlib
import signal
import socket
import threading
import time


class Chat:
    def __init__(self):
        self.lock = threading.RLock()  # of `members`, and of what is sent to them
        self.members = {}

    def label(self, member):
        name = self.members[member]
        rank = ", eldest" if member is next(iter(self.members)) else ""
        return f"{name} ({len(self.members)} here{rank})"

    def tell(self, author, text):
        line = f"{time.strftime('%H:%M')} - {text}\n> ".encode()
        for member in self.members:
            if member is not author:
                with contextlib.suppress(OSError):  # its own thread notices that it has gone
                    member.sendall(line)

    def serve(self, member):
        with contextlib.suppress(OSError), member.makefile(encoding="utf-8", newline="\n") as lines:
            member.sendall(b"Who are you?\n> ")
            name = lines.readline().strip().title()
            with self.lock:
                self.members[member] = name
                self.tell(member, f"{name} is here now")
            for line in lines:
                if text := line.rstrip("\r\n"):
                    with self.lock:
                        self.tell(member, f"{self.label(member)} - {text}")
                        member.sendall(b"> ")
        with self.lock:
            if self.members.pop(member, None):
                self.tell(member, f"{name} has gone")
        member.close()


def main():
    chat = Chat()
    with socket.create_server(("localhost", 14900), backlog=100) as listener:
        while True:
            member, _address = listener.accept()
            threading.Thread(target=chat.serve, args=(member,), daemon=True).start()


signal.signal(signal.SIGTERM, signal.default_int_handler)
with contextlib.suppress(KeyboardInterrupt):
    main()
