"""One thread for both: listens until nothing comes for a while, then asks for a line."""

import socket

server = socket.create_connection(("localhost", 14900))
server.settimeout(1.4)


def show_what_came():
    while True:
        try:
            data = server.recv(4096)
        except TimeoutError:
            return
        if not data:
            raise SystemExit("The server has gone.")
        print(data.decode("utf-8", "replace"), end="", flush=True)


while True:
    show_what_came()
    try:
        line = input()
    except EOFError:
        break
    server.sendall(f"{line}\n".encode())
