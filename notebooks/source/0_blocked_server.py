# %% [markdown] lang="ru"
# # 0. Сервер, который никого не слышит
#
# *20 минут. Готовит к `TODO(4.1)`; что проверят, скажет `lab4 explain starts`.*
#
# Трое подключились к серверу. У всех троих `connect` прошёл без ошибки, все трое написали
# «привет». Ответили одному. **Чего ждут остальные и откуда у них соединение, если сервер о них не
# знает?**
#
# Сначала — на чём мы работаем. Ноутбуки запускают *ваши* программы из этой папки:

# %% [markdown] lang="en"
# # 0. The server that hears nobody
#
# *20 minutes. Prepares `TODO(4.1)`; `lab4 explain starts` says what will be checked.*
#
# Three people connected to a server. `connect` succeeded for all three, all three wrote “hello”.
# One was answered. **What do the others wait for, and how can they have a connection if the server
# does not know them?**
#
# First, what we stand on. The notebooks run *your* programs, from this folder:

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
import threading
import time

from lab4nb import Lab, Timeline, checks, compare, gantt, work

work.about()

# %% [markdown] lang="ru"
# Так работает каждый ноутбук: **предскажите** — впишите догадку вместо `...`; **запустите**
# (Shift+Enter); **объясните** себе разницу; **измените**; **проверьте**. Ошибиться в предсказании —
# лучшее, что может с вами случиться: такое запоминается.
#
# Вот сервер, какой получается у каждого с первого раза. Он повторяет клиенту всё, что тот сказал,
# пока клиент не уйдёт.

# %% [markdown] lang="en"
# Every notebook goes like this: **predict**, by writing a guess in place of `...`; **run**
# (Shift+Enter); **explain** the difference to yourself; **modify**; **check**. To predict wrongly
# is the best that can happen to you: such things are remembered.
#
# Here is the server that everybody writes first. It repeats to a client what the client said, until
# the client leaves.


# %%
def talk(client):
    with client:
        while data := client.recv(1024):
            client.sendall(data)


# %% [markdown] lang="ru"
# Сервер впускает клиента, разговаривает с ним, впускает следующего.

# %% [markdown] lang="en"
# The server lets a client in, talks to it, lets in the next.


# %%
def serve(listener):
    while True:
        client, _address = listener.accept()
        talk(client)


# %% [markdown] lang="ru"
# А вот посетитель: здоровается, ждёт ответа, полсекунды сидит в чате, уходит. `timeline`
# запоминает, что и когда он делал.

# %% [markdown] lang="en"
# And this is a visitor: says hello, waits for an answer, stays for half a second, leaves. `timeline`
# remembers what it did and when.


# %%
def visit(who, sock, timeline):
    sock.sendall("привет".encode())
    with timeline.span(who, "waits"):
        sock.recv(1024)
    with timeline.span(who, "served"), sock:
        time.sleep(0.5)


# %% [markdown] lang="ru"
# ## Предскажите
#
# Анна, Борис и Вера вызывают `connect` один за другим. Никто ещё не ушёл. Сколько из трёх `connect`
# закончатся успехом сразу (0–3)? И через сколько секунд ответят Вере?

# %% [markdown] lang="en"
# ## Predict
#
# Anna, Boris and Vera call `connect` one after the other. Nobody has left yet. How many of the three
# `connect`s succeed at once (0–3)? And after how many seconds is Vera answered?

# %%
guess_connected = ...
guess_seconds = ...

# %% [markdown] lang="ru"
# ## Запустите

# %% [markdown] lang="en"
# ## Run

# %%
with Lab() as lab:
    listener, timeline, visits = lab.listen(), Timeline(), []
    lab.thread(serve, listener)
    for who in ("anna", "boris", "vera"):
        sock = lab.connect(listener)
        timeline.mark(who, "connect")
        visits.append(lab.thread(visit, who, sock, timeline))
    for visitor in visits:
        visitor.join()

# %% [markdown] lang="ru"
# Кто соединился в первые 0,4 с, пока Анна ещё в чате:

# %% [markdown] lang="en"
# Who connected within the first 0.4 s, while Anna was still there:

# %%
at_once = [mark.who for mark in timeline.marks if mark.t < 0.4]
compare(guess_connected, len(at_once))

# %% [markdown] lang="ru"
# И через сколько секунд ответили Вере:

# %% [markdown] lang="en"
# And after how many seconds Vera was answered:

# %%
vera = next(span for span in timeline.spans if (span.who, span.what) == ("vera", "waits"))
compare(guess_seconds, round(vera.end))

# %% [markdown] lang="ru"
# То же на оси времени. Точка — `connect` вернулся, серое — ждёт, зелёное — разговаривает с сервером.

# %% [markdown] lang="en"
# The same along the time. A dot: `connect` returned; grey: waits; green: talks with the server.

# %%
gantt.draw(timeline)

# %% tags=["invariant"]
assert len(at_once) == 3 and lab.errors == []
waited = sorted(s.end - s.start for s in timeline.spans if s.what == "waits")
assert waited[0] < 0.4 and 0.45 < waited[1] < waited[2] and waited[2] > 0.95

# %% [markdown] lang="ru"
# ## Объясните
#
# Точки слева: соединились все и сразу. Серое: двое ждут, хотя сервер *ничего не делает* — он стоит
# в `recv` и ждёт слов Анны. Он не занят, он **заблокирован**: единственный поток выполнения не может
# ждать двоих.
#
# Кто же впустил Бориса и Веру? Выберите:
# - `"a"` — `accept` в нашем сервере;
# - `"b"` — ядро операционной системы, без нашей программы;
# - `"c"` — никто: `connect` просто сразу возвращается.

# %% [markdown] lang="en"
# ## Explain
#
# The dots on the left: all connected, at once. The grey: two wait, although the server does
# *nothing*: it stands in `recv` and waits for Anna's words. It is not busy, it is **blocked**: one
# thread cannot wait for two.
#
# So who let Boris and Vera in? Choose:
# - `"a"`: the `accept` in our server;
# - `"b"`: the kernel of the operating system, without our program;
# - `"c"`: nobody, `connect` simply returns at once.

# %% tags=["exercise"]
answer = ...

# %% tags=["solution"]
answer = "b"

# %%
checks.blocked.who_shook_hands(answer)

# %% [markdown] lang="ru"
# Посмотрим на очередь саму по себе: `listen(1)`, и `accept` не вызывает *никто, никогда*.
# Сколько клиентов из пяти подключится?

# %% [markdown] lang="en"
# Now the queue alone: `listen(1)`, and *nobody ever* calls `accept`. How many of five clients will
# connect?

# %%
guess_queue = ...

# %% [markdown] lang="ru"
# Отказа может и не прийти, поэтому каждый `connect` ждёт не дольше 0,3 с.

# %% [markdown] lang="en"
# There may be no refusal, so each `connect` waits for 0.3 s at most.

# %%
connected = 0
with Lab() as lab:
    listener = lab.listen(backlog=1)
    try:
        for _ in range(5):
            lab.connect(listener, timeout_s=0.3)
            connected += 1
    except OSError as error:
        refused = error

# %%
compare(guess_queue, connected)

# %% tags=["invariant"]
assert connected == 2 or sys.platform != "linux"
assert isinstance(refused, OSError)

# %% [markdown] lang="ru"
# В Linux — два: очередь держит на одного больше, чем просили (другие системы считают иначе).
# Третьему ядро не ответило вовсе, и он ждал бы около двух минут. Backlog — не «сколько всего
# клиентов», а сколько стоит **в дверях**, пока вы не сказали `accept`. Вывод для чата: `accept`
# должен звать тот, кто больше ничем не занят.
#
# ## Измените
#
# Пусть новым клиентом займётся новый поток выполнения. `welcome` получает сокет и должна вернуться
# *сразу*; разговаривать умеет `talk`. Понадобится одна строка с
# `threading.Thread(target=…, args=…)` и `.start()`.

# %% [markdown] lang="en"
# On Linux two: the queue holds one more than it was asked for (other systems count differently). The
# third got no answer at all, and would have waited for about two minutes. The backlog is not “how
# many clients in all” but how many stand **in the door** until you say `accept`. For a chat this
# means: `accept` is for somebody who does nothing else.
#
# ## Modify
#
# Let a new thread take care of a new client. `welcome` gets the socket and must return *at once*;
# `talk` knows how to talk. It takes one line with `threading.Thread(target=…, args=…)` and
# `.start()`.


# %% tags=["exercise"]
def welcome(client):
    return ...


# %% tags=["solution"]
def welcome(client):
    threading.Thread(target=talk, args=(client,)).start()


# %%
checks.blocked.welcome(welcome)

# %% [markdown] lang="ru"
# ## Проверьте
#
# Теперь ваша программа. Откройте `lab4/server.py`, найдите `TODO(4.1)`: сокет, `SO_REUSEADDR`,
# `bind`, `listen`. Ячейка запустит ваш сервер отдельным процессом, на свободном порту.

# %% [markdown] lang="en"
# ## Check
#
# Now your own program. Open `lab4/server.py` and find `TODO(4.1)`: a socket, `SO_REUSEADDR`, `bind`,
# `listen`. The cell runs your server as a process of its own, on a free port.

# %%
checks.blocked.server_starts()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - «Подключился» не значит «его слушают»: руку пожимает ядро.
# - `recv` и `accept` останавливают тот поток выполнения, который их вызвал, — и только его.
# - Одному потоку выполнения нельзя ждать двоих.
#
# Дальше: [что именно возвращает `recv`](1_tcp_is_a_river.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - Connected does not mean listened to: it is the kernel that shakes hands.
# - `recv` and `accept` stop the thread that calls them, and no other.
# - One thread cannot wait for two.
#
# Next: [what exactly `recv` returns](1_tcp_is_a_river.ipynb).
