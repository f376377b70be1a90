"""Waits for the server's greeting, and then lets the user talk."""

import socket
import sys
import threading

with socket.create_connection(("localhost", 14900)) as server:
    lines = server.makefile(encoding="utf-8", errors="replace")
    print(lines.readline(), end="", flush=True)

    def receive():
        for line in lines:
            print(line, end="", flush=True)

    threading.Thread(target=receive, daemon=True).start()
    for line in sys.stdin:
        server.sendall(line.encode())
