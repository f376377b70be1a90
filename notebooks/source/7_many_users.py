# %% [markdown] lang="ru"
# # 7. Много людей и один, который не читает
#
# *60 минут. Готовит к `TODO(4.9)`–`TODO(4.12)`; что проверят, скажет `lab4 explain slow_reader`.*
#
# Егор открыл чат и закрыл крышку ноутбука. Соединение живо, но читать некому. **Через сколько
# сообщений замолчит весь чат?** И почему не сразу?

# %% [markdown] lang="en"
# # 7. Many people, and one who does not read
#
# *60 minutes. Prepares `TODO(4.9)`–`TODO(4.12)`; `lab4 explain slow_reader` says what is checked.*
#
# Egor opened the chat and shut the lid of his laptop. The connection lives, but nobody reads.
# **After how many messages will the whole chat fall silent?** And why not at once?

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
import contextlib
import queue
import socket
import threading
import time

from lab4nb import Lab, checks, compare, latency

# %% [markdown] lang="ru"
# Первая комната, как её пишут все: список сокетов, замок вокруг списка, под замком — `sendall`
# каждому. Гонок нет, замок один, всё как в ноутбуке 5.

# %% [markdown] lang="en"
# The first room, as everybody writes it: a list of sockets, a lock around the list, and under the
# lock a `sendall` to each. No races, one lock, all as in notebook 5.


# %%
class LockedRoom:
    def __init__(self, socks):
        self.lock, self.socks = threading.Lock(), socks

    def broadcast(self, line):
        with self.lock:
            for sock in self.socks:
                with contextlib.suppress(OSError):
                    sock.sendall(line)

    def close(self):
        pass


# %% [markdown] lang="ru"
# Вторая: у каждого клиента *ограниченная* очередь и свой поток выполнения, который из неё шлёт.
# `broadcast` только кладёт в очереди и никого не ждёт. Очередь полна — значит, клиент не успевает,
# его отключают.

# %% [markdown] lang="en"
# The second: each client has a *bounded* queue and a thread of its own that sends from it.
# `broadcast` only puts into the queues and waits for nobody. A queue is full? Then this client does
# not keep up, and is disconnected.


# %%
class QueueRoom:
    def __init__(self, socks):
        self.boxes = {sock: queue.Queue(maxsize=400) for sock in socks}
        self.writers = [
            threading.Thread(target=self.write, args=item) for item in self.boxes.items()
        ]
        for writer in self.writers:
            writer.start()

    def write(self, sock, box):
        with contextlib.suppress(OSError):
            while line := box.get():
                sock.sendall(line)
        self.boxes.pop(sock, None)  # nobody takes from this box any more

    def broadcast(self, line):
        for sock, box in list(self.boxes.items()):
            try:
                box.put_nowait(line)
            except queue.Full:
                self.boxes.pop(sock, None)
                sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        for box in list(self.boxes.values()):
            box.put(None)


# %% [markdown] lang="ru"
# Сцена: Анна говорит каждые 2 мс по 8 КБ. Борис читает и отмечает, насколько позже положенного
# пришло каждое сообщение. Егор не читает, а через 2 секунды отключается.

# %% [markdown] lang="en"
# The scene: Anna says 8 KB every 2 ms. Boris reads and notes how much later than due each message
# came. Egor does not read, and hangs up after 2 seconds.

# %%
SIZE, COUNT, PAUSE_S, EGOR_LEAVES_S = 8192, 900, 0.002, 2.0


# %% [markdown] lang="ru"
# Борис отмечает, когда пришло каждое сообщение:

# %% [markdown] lang="en"
# Boris notes when each message came:


# %%
def read_messages(sock, came):
    left = SIZE
    while len(came) < COUNT and (data := sock.recv(left)):
        left -= len(data)
        if not left:
            came.append(time.perf_counter())
            left = SIZE


# %% [markdown] lang="ru"
# Анна говорит по расписанию; опоздала — говорит сразу:

# %% [markdown] lang="en"
# Anna speaks by a timetable; if she is late, at once:


# %%
def speak(room, began):
    for number in range(COUNT):
        time.sleep(max(0, began + number * PAUSE_S - time.perf_counter()))
        room.broadcast(b"x" * SIZE)


# %% [markdown] lang="ru"
# Всё вместе; каждому сообщению — его опоздание:

# %% [markdown] lang="en"
# All together; to each message its delay:


# %%
def scene(make_room):
    came = []
    with Lab() as lab:
        (egor, to_egor), (boris, to_boris) = lab.pair(), lab.pair()
        room = make_room([to_egor, to_boris])
        reading = lab.thread(read_messages, boris, came)
        began = time.perf_counter()
        speaking = lab.thread(speak, room, began)
        time.sleep(EGOR_LEAVES_S)
        egor.close()
        for thread in (speaking, reading):
            thread.join()
        room.close()
    return [(n * PAUSE_S, t - began - n * PAUSE_S) for n, t in enumerate(came)]


# %% [markdown] lang="ru"
# ## Предскажите
#
# На сколько секунд (округлённо) опоздает самое опоздавшее сообщение *Борису* — в комнате с замком и
# в комнате с очередями? Борис читает исправно.

# %% [markdown] lang="en"
# ## Predict
#
# By how many seconds (rounded) will the latest message to *Boris* be late, in the room with the lock
# and in the room with queues? Boris reads diligently.

# %%
guess_lock = ...
guess_queues = ...

# %% [markdown] lang="ru"
# ## Запустите

# %% [markdown] lang="en"
# ## Run

# %%
under_lock = scene(LockedRoom)
compare(guess_lock, round(max(late for _due, late in under_lock)))

# %%
queues = scene(QueueRoom)
compare(guess_queues, round(max(late for _due, late in queues)))

# %% [markdown] lang="ru"
# По горизонтали — когда сообщение полагалось, по вертикали — насколько опоздало:

# %% [markdown] lang="en"
# To the right when a message was due, upwards how late it was:

# %%
latency.draw(
    {"many_users.under_lock": under_lock, "many_users.queues": queues},
    {"many_users.egor_leaves": EGOR_LEAVES_S},
)

# %% tags=["invariant"]
assert len(under_lock) == len(queues) == COUNT
usual = [sorted(late for _due, late in series[-300:])[150] for series in (under_lock, queues)]
assert usual[0] > 0.2 and usual[1] < 0.1

# %% [markdown] lang="ru"
# ## Объясните
#
# Вертикальная ось логарифмическая: от долей миллисекунды до секунды и больше. Сначала красные и
# зелёные точки лежат вместе: буферы ядра глотают за Егора мегабайты. Потом буфер полон, `sendall`
# Егору **ждёт** — под замком, — и Борис молчит вместе со всеми, пока Егор не отключится. В маленьком
# опыте из трёх сообщений вы бы этого не увидели никогда.
#
# Очередь без предела — не выход: Егор съел бы всю память сервера. Ограниченная заставляет решить,
# что делать с отстающим. Отключить — тоже решение.
#
# Замок не виноват, виновато *ожидание под замком*. Правило: под замком только быстрые дела в памяти.
#
# ## Ещё одна неделимость
#
# Сокет — тоже общая вещь. Два потока выполнения пишут одному клиенту по 20 000 строк, причём строка
# уходит двумя вызовами: имя, потом текст. Сколько строк окажется разорвано: ни одной (`0`) или
# больше (`1`)?

# %% [markdown] lang="en"
# ## Explain
#
# The vertical axis is logarithmic: from fractions of a millisecond to a second and more. At first red
# and green dots lie together: the buffers of the kernel swallow megabytes for Egor. Then the buffer
# is full, `sendall` to Egor **waits**, under the lock, and Boris is cut off with everybody until Egor
# hangs up. In a small experiment with three messages you would never see it.
#
# A queue without a bound is no way out: Egor would eat the server's memory. A bounded one makes you
# decide what to do with who lags behind. To disconnect them is a decision, too.
#
# It is not the lock's fault but that of *waiting under the lock*. The rule: under a lock only quick
# things in memory.
#
# ## One more thing that should be indivisible
#
# A socket is shared, too. Two threads write 20,000 lines each to one client, and a line goes out in
# two calls: the name, then the text. How many lines will be torn: none (`0`) or more (`1`)?

# %%
guess_torn = ...


# %%
def write_lines(sock, name):
    for _ in range(20_000):
        sock.sendall(name + b": ")
        sock.sendall(name * 3 + b"\n")


# %% [markdown] lang="ru"
# Что пришло клиенту:

# %% [markdown] lang="en"
# What came to the client:


# %%
def lines_at_the_client():
    with Lab() as lab:
        server, client = lab.pair()
        writers = [lab.thread(write_lines, server, name) for name in (b"a", b"b")]
        lab.thread(lambda: [w.join() for w in writers] and server.shutdown(socket.SHUT_WR))
        with client.makefile("rb") as file:
            return file.read().splitlines()


# %%
lines = lines_at_the_client()
torn = [line for line in lines if line not in (b"a: aaa", b"b: bbb")]
compare(guess_torn, min(1, len(torn)))

# %% [markdown] lang="ru"
# Сколько и какие:

# %% [markdown] lang="en"
# How many, and which:

# %%
len(torn), torn[:4]

# %% tags=["invariant"]
assert sum(map(len, lines)) == 40_000 * 6
assert torn

# %% [markdown] lang="ru"
# `sendall` обещает отправить *все байты одного вызова*, а не то, что между двумя вызовами никто не
# встрянет. Собирайте строку целиком и отдавайте одним `sendall`; ещё лучше — пусть каждому клиенту
# пишет один поток выполнения.
#
# ## Измените
#
# Допишите `broadcast` для комнаты без очередей. `members` — общий список, `lock` защищает его;
# отправить всем, кроме `author`. Один из клиентов мёртв, другой уходит посреди рассылки — и его
# поток выполнения тогда вычёркивает его из `members`.

# %% [markdown] lang="en"
# `sendall` promises to send *all bytes of one call*, not that nobody gets in between two calls. Put
# the line together and hand it over in one `sendall`; better still, let one thread write to each
# client.
#
# ## Modify
#
# Complete `broadcast` for a room without queues. `members` is a shared list, `lock` protects it; send
# to all but `author`. One client is dead, another leaves in the middle of the broadcast, and its
# thread strikes it off `members` then.


# %% tags=["exercise"]
def broadcast(members, lock, author, line):
    return ...


# %% tags=["solution"]
def broadcast(members, lock, author, line):
    with lock:
        others = [member for member in members if member is not author]
    for member in others:
        with contextlib.suppress(OSError):
            member.sendall(line)


# %%
checks.many_users.broadcast(broadcast)

# %% [markdown] lang="ru"
# ## Проверьте
#
# Теперь ваш сервер: `TODO(4.9)`–`TODO(4.12)`. Вот что было на проводе, пока разговаривали трое, — так,
# как это видит проверяющая программа:

# %% [markdown] lang="en"
# ## Check
#
# Now your server: `TODO(4.9)`–`TODO(4.12)`. This is what was on the wire while three talked, as the
# grader sees it:

# %%
checks.many_users.transcript()

# %% [markdown] lang="ru"
# Четверо говорят, первый уходит:

# %% [markdown] lang="en"
# Four talk, the first one leaves:

# %%
checks.many_users.server()

# %% [markdown] lang="ru"
# И Егор.

# %% [markdown] lang="en"
# And Egor.

# %%
checks.many_users.slow_reader()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - Под замком — копия, отправка — снаружи.
# - Никогда не ждать одного за счёт всех.
# - Очередь без предела — отложенная авария.
# - Одно сообщение — один `sendall`.
#
# Дальше: [приём больных](8_chaos_clinic.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - Copy under the lock, send outside it.
# - Never wait for one at the cost of all.
# - A queue without a bound is an accident put off.
# - One message, one `sendall`.
#
# Next: [the doctor is in](8_chaos_clinic.ipynb).
