"""Shows the time in grey and names in colour: takes each line of the protocol apart."""

import argparse
import socket
import sys
import threading

GREY, GREEN, YELLOW, RESET = "\033[90m", "\033[32m", "\033[33m", "\033[0m"


def coloured(line):
    clock, rest = line.split(" - ", 1)
    author, dash, text = rest.partition(" - ")
    if dash:
        return f"{GREY}{clock}{RESET} {GREEN}{author}{RESET}: {text}"
    return f"{GREY}{clock}{RESET} {YELLOW}{rest}{RESET}"


def receive(server):
    with server.makefile(encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            print(coloured(line.rstrip("\r\n")), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    with socket.create_connection((options.host, options.port)) as server:
        threading.Thread(target=receive, args=(server,), daemon=True).start()
        for line in sys.stdin:
            server.sendall(line.rstrip("\n").encode() + b"\n")


main()
