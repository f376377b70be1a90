"""A beginner's program: global lists, functions, prints."""

import signal
import socket
import sys
import threading
from datetime import datetime

HOST = "localhost"
PORT = 14900

clients = []
names = {}
counter = 0
running = True
lock = threading.Lock()
send_lock = threading.Lock()


def now():
    t = datetime.now()
    return str(t.hour).rjust(2, "0") + ":" + str(t.minute).rjust(2, "0")


def send_all(text, sender):
    line = now() + " - " + text
    print(line)
    data = (line + "\n").encode("utf-8")
    with lock:
        copy = list(clients)
    with send_lock:
        for client in copy:
            if client is not sender:
                try:
                    client.sendall(data)
                except OSError:
                    kick(client)


def kick(client):
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        print("Клиент уже отключился")


def add_client(client):
    global counter
    with lock:
        counter = counter + 1
        names[client] = "Пользователь #" + str(counter)
        clients.append(client)
    return names[client]


def remove_client(client):
    with lock:
        clients.remove(client)
        names.pop(client)


def work_with_client(client, name):
    buffer = b""
    while running:
        try:
            data = client.recv(1024)
        except TimeoutError:
            continue
        except OSError:
            print("Ошибка соединения:", name)
            break
        if data == b"":
            break
        buffer = buffer + data
        while b"\n" in buffer:
            position = buffer.index(b"\n")
            message = buffer[:position].decode("utf-8", "replace").strip("\r")
            buffer = buffer[position + 1 :]
            if message != "":
                send_all(name + " - " + message, client)
    remove_client(client)
    send_all(name + " покинул чат.", client)
    with send_lock:
        client.close()


def start_client(client):
    client.settimeout(0.5)
    name = add_client(client)
    send_all(name + " присоединился к чату!", client)
    thread = threading.Thread(target=work_with_client, args=(client, name))
    thread.daemon = True
    thread.start()


def stop_server(number, frame):
    global running
    running = False


def main():
    host = HOST
    port = PORT
    if "--host" in sys.argv:
        host = sys.argv[sys.argv.index("--host") + 1]
    if "--port" in sys.argv:
        port = int(sys.argv[sys.argv.index("--port") + 1])
    signal.signal(signal.SIGINT, stop_server)
    signal.signal(signal.SIGTERM, stop_server)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, port))
    server.listen(100)
    server.settimeout(0.5)
    print("Сервер запущен, порт", server.getsockname()[1])
    while running:
        try:
            client, address = server.accept()
        except TimeoutError:
            continue
        print("Новое подключение:", address)
        start_client(client)
    print("Сервер останавливается")
    for client in list(clients):
        kick(client)
    server.close()


main()
