"""The name is asked for when the connection stands; from then on a thread listens."""

import socket
import sys
import threading


def listen(file, name):
    for raw in file:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        print(f"\r{text}\n{name}> ", end="", flush=True)
    print("\rThe server has gone.")


try:
    server = socket.create_connection(("localhost", 14900))
except OSError as error:
    sys.exit(f"No server: {error}")

with server, server.makefile("rb") as file:
    try:
        name = input("Как вас зовут? ").strip() or "гость"
        threading.Thread(target=listen, args=(file, name), daemon=True).start()
        while (text := input(f"{name}> ")) != "/quit":
            server.sendall(f"<{name}> {text}\n".encode())
    except (EOFError, KeyboardInterrupt):
        pass
    except OSError:
        print("The line did not get through.")
    server.shutdown(socket.SHUT_RDWR)
