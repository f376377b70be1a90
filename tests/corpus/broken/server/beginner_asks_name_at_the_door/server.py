"""Asks everybody for a name in the accept loop, then starts the thread; one recv is one message."""

import socket
import threading
from datetime import datetime

names = {}
lock = threading.Lock()


def log(text):
    print(datetime.now().strftime("[%H:%M:%S]"), text)


def send_all(text, skip=None):
    stamp = datetime.now().strftime("%H:%M")
    data = f"{stamp} {text}\n".encode()
    with lock:
        people = list(names)
    for person in people:
        if person is skip:
            continue
        try:
            person.sendall(data)
        except OSError:
            log("не удалось отправить")


def chat(client):
    name = names[client]
    while True:
        try:
            data = client.recv(16384)
        except ConnectionResetError:
            data = b""
        if data == b"":
            break
        text = data.decode("utf-8", "replace").rstrip("\r\n")
        if text:
            log(f"{name}: {text}")
            send_all(f"{name}: {text}", skip=client)
    with lock:
        del names[client]
    client.close()
    log(f"{name} вышел")
    send_all(f"{name} вышел из чата")


def main():
    port = int(input("Введите порт сервера: "))
    server = socket.socket()
    server.bind(("0.0.0.0", port))
    server.listen()
    log(f"Сервер ждёт на порту {port}")
    while True:
        client, address = server.accept()
        log(f"Подключение {address}")
        client.sendall("Введите ваше имя: ".encode())
        name = client.recv(1024).decode("utf-8", "replace").strip()
        with lock:
            names[client] = name
        send_all(f"{name} вошёл в чат", skip=client)
        threading.Thread(target=chat, args=(client,)).start()


if __name__ == "__main__":
    main()
