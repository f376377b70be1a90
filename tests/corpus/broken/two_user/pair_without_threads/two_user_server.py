"""A chat for two in one loop around select, without a thread."""

import argparse
import select
import socket
import sys
import time


def serve(listener):
    seats, rests = [], {}
    while True:
        for sock in select.select([listener, *seats], [], [])[0]:
            if sock is listener:
                newcomer, _ = listener.accept()
                if len(seats) == 2:
                    newcomer.sendall("Чат полон.\n".encode())
                    newcomer.close()
                else:
                    seats.append(newcomer)
                    rests[newcomer] = b""
                continue
            try:
                data = sock.recv(4096)
            except ConnectionError:
                data = b""
            if not data:
                seats.remove(sock)
                sock.close()
                continue
            *lines, rests[sock] = (rests[sock] + data).split(b"\n")
            for line in lines:
                for other in seats:
                    if other is not sock:
                        other.sendall(time.strftime("%H:%M - ").encode() + line + b"\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    with socket.create_server((options.host, options.port)) as listener:
        print("Жду двоих...")
        try:
            serve(listener)
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
