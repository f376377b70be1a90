"""The program of the assignment in a student's own words, with its faults."""

import datetime
import socket
import sys
import threading

PORT = int(sys.argv[1])

clients = []


def two_digits(number):
    return str(number).ljust(2, "0")


def with_time(text):
    now = datetime.datetime.now()
    return two_digits(now.hour) + ":" + two_digits(now.minute) + " - " + text


def tell_all(text, from_number):
    print(with_time(text))
    message = with_time(text).encode("utf-8")
    for i in range(len(clients)):
        if i + 1 != from_number:
            clients[i].send(message)


def client_thread(conn):
    while True:
        message = conn.recv(16384)
        number = clients.index(conn) + 1
        tell_all("Пользователь #" + str(number) + " - " + message.decode("utf-8"), number)


sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.bind(("", PORT))
sock.listen(1)
print("Сервер запущен, порт", PORT)

while True:
    conn, addr = sock.accept()
    clients.append(conn)
    number = len(clients)
    tell_all("Пользователь #" + str(number) + " присоединился к чату!", number)
    t = threading.Thread(target=client_thread, args=(conn,))
    t.start()
