"""One thread asks every socket again and again, without waiting, whether something has come."""

import argparse
import socket
import threading
import time

clients = {}


def stamp():
    return time.strftime("%H:%M - ", time.localtime())


def send_to_rest(who, text):
    print(text)
    for other in list(clients):
        if other is not who:
            try:
                other.sendall((stamp() + text + "\n").encode())
            except OSError:
                print("Ошибка отправки")


def check(client):
    info = clients[client]
    try:
        data = client.recv(2048)
    except BlockingIOError:
        return
    except OSError:
        data = b""
    if not data:
        del clients[client]
        client.close()
        send_to_rest(client, info["name"] + " покинул чат.")
        return
    info["buffer"] += data
    while b"\n" in info["buffer"]:
        line, _, info["buffer"] = info["buffer"].partition(b"\n")
        text = line.decode("utf-8", "replace")
        if text:
            send_to_rest(client, info["name"] + " - " + text)


def loop():
    while True:
        for client in list(clients):
            check(client)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=14900)
    options = parser.parse_args()
    threading.Thread(target=loop, daemon=True).start()
    number = 0
    with socket.create_server((options.host, options.port)) as server:
        while True:
            client, _ = server.accept()
            client.setblocking(False)
            number += 1
            name = f"Пользователь #{number}"
            clients[client] = {"name": name, "buffer": b""}
            send_to_rest(client, name + " присоединился к чату!")


try:
    main()
except KeyboardInterrupt:
    print("Выключаюсь")
