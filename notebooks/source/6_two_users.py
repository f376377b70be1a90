# %% [markdown] lang="ru"
# # 6. Двое хотят говорить
#
# *45 минут. Готовит к `TODO(4.3)`–`TODO(4.8)`; что проверят, скажет `lab4 explain relay_back`.*
#
# Чат для двоих в две строки: принял у Анны — отдал Борису, принял у Бориса — отдал Анне. На показе
# Анна сказала «привет», Борис ответил «привет», всем понравилось. На следующий день Анна написала
# три сообщения подряд, и **чат завис**. Ошибок нет, оба на связи.

# %% [markdown] lang="en"
# # 6. Two want to talk
#
# *45 minutes. Prepares `TODO(4.3)`–`TODO(4.8)`; `lab4 explain relay_back` says what is checked.*
#
# A chat for two in two lines: take from Anna, give to Boris; take from Boris, give to Anna. At the
# demonstration Anna said “hello”, Boris answered “hello”, everybody was pleased. The next day Anna
# wrote three messages in a row, and **the chat hung**. No errors, both still connected.

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
import time

from lab4nb import Conversation, Lab, checks, compare, sequence

# %% [markdown] lang="ru"
# Весь сервер:

# %% [markdown] lang="en"
# The whole server:


# %%
def take_turns(anna, boris):
    while True:
        boris.sendall(anna.recv(1024))
        anna.sendall(boris.recv(1024))


# %% [markdown] lang="ru"
# Сцена: Анна говорит «раз», «два», «три»; Борис почти секунду молчит и слушает, потом говорит «ау».
# `talk.tap` — прослушка на сокете: код сервера о ней не знает, а мы узнаём, кто когда что сказал
# и когда это *прочитали*.

# %% [markdown] lang="en"
# The scene: Anna says “раз”, “два”, “три” (one, two, three); Boris is silent for nearly a second and
# listens, then says “ау” (hey). `talk.tap` is a wiretap on a socket: the code of the server does not know of it, and
# we learn who said what when, and when it was *read*.


# %%
def listen(sock):
    while sock.recv(1024):
        pass


# %% [markdown] lang="ru"
# `start_chat` запускает сервер, остальное — люди:

# %% [markdown] lang="en"
# `start_chat` starts the server, the rest is people:


# %%
def scene(start_chat):
    talk = Conversation()
    with Lab() as lab:
        (anna, to_anna), (boris, to_boris) = lab.pair(), lab.pair()
        anna, boris = talk.tap(anna, "anna", "server"), talk.tap(boris, "boris", "server")
        start_chat(lab, talk.tap(to_anna, "server", "anna"), talk.tap(to_boris, "server", "boris"))
        lab.thread(listen, anna)
        lab.thread(listen, boris)
        for word in ("раз", "два", "три"):
            anna.sendall(word.encode())
            time.sleep(0.1)
        time.sleep(0.6)
        boris.sendall("ау".encode())
        time.sleep(0.1)
    return talk.messages


# %% [markdown] lang="ru"
# ## Предскажите
#
# Сколько из трёх слов Борис услышит *до того*, как сам скажет «ау»?

# %% [markdown] lang="en"
# ## Predict
#
# How many of the three words will Boris hear *before* he says “hey” himself?

# %%
guess = ...

# %% [markdown] lang="ru"
# ## Запустите

# %% [markdown] lang="en"
# ## Run

# %%
in_turns = scene(lambda lab, anna, boris: lab.thread(take_turns, anna, boris))


# %% [markdown] lang="ru"
# Сколько слов Борис услышал раньше, чем заговорил:

# %% [markdown] lang="en"
# How many words Boris heard before he spoke:


# %%
def heard_in_time(messages):
    spoke = next(message.sent for message in messages if message.who == "boris")
    told = [m.text for m in messages if m.to == "boris" and m.read and m.read < spoke]
    return sum(word in "".join(told) for word in ("раз", "два", "три"))


# %%
compare(guess, heard_in_time(in_turns))

# %% [markdown] lang="ru"
# Время идёт вниз. Стрелка начинается там, где сказано, и кончается там, где *прочитано*.

# %% [markdown] lang="en"
# Time runs down. An arrow begins where it was said and ends where it was *read*.

# %%
sequence.draw(["anna", "server", "boris"], in_turns)

# %% tags=["invariant"]
late = [m for m in in_turns if m.who == "anna" and m.read and m.read - m.sent > 0.4]
assert heard_in_time(in_turns) == 1 and [m.text for m in late] == ["два", "три"]

# %% [markdown] lang="ru"
# ## Объясните
#
# Крутые стрелки — слова, которые лежат в буфере ядра непрочитанными. Сервер не сломан: он стоит в
# `boris.recv` и честно ждёт ответа. Это **полудуплекс**, рация: говорит тот, чья очередь. Люди так
# не разговаривают.
#
# Заметьте «дватри»: пока они ждали, два сообщения срослись. Об этом был ноутбук 1.
#
# `recv` останавливает свой поток выполнения; значит, на два ожидания нужно два потока.
#
# ## Измените
#
# Допишите `relay`: всё, что говорит `source`, передавать `target`, пока `source` не уйдёт
# (`recv` вернёт `b""`). Таких потоков выполнения будет два, навстречу друг другу.

# %% [markdown] lang="en"
# ## Explain
#
# The steep arrows are words that lie unread in a buffer of the kernel. The server is not broken: it
# stands in `boris.recv` and honestly waits for an answer. This is **half-duplex**, a walkie-talkie:
# whose turn it is may speak. People do not talk like that.
#
# Notice “дватри” (“twothree”): while they waited, two messages grew together. That was notebook 1.
#
# `recv` stops the thread it is called in; so two waits need two threads.
#
# ## Modify
#
# Complete `relay`: hand on to `target` all that `source` says, until `source` leaves (`recv` returns
# `b""`). There will be two such threads, one for each direction.


# %% tags=["exercise"]
def relay(source, target):
    return ...


# %% tags=["solution"]
def relay(source, target):
    while data := source.recv(1024):
        target.sendall(data)


# %%
checks.two_users.relay(relay)

# %% [markdown] lang="ru"
# Та же сцена с вашей функцией. Пунктирная стрелка — слова, которых никто не прочитал.

# %% [markdown] lang="en"
# The same scene with your function. A dashed arrow stands for words that nobody has read.


# %%
def both_ways(lab, anna, boris):
    lab.thread(relay, anna, boris)
    lab.thread(relay, boris, anna)


# %%
sequence.draw(["anna", "server", "boris"], at_once := scene(both_ways))

# %% tags=["outcome"]
assert heard_in_time(at_once) == 3

# %% [markdown] lang="ru"
# ## Та же болезнь у клиента
#
# Клиент новичка: `input()`, отправить, `recv()`, напечатать, и сначала. Пока Анна думает над
# ответом, Борис пишет ей три сообщения. Анну изображает генератор: первые 0,8 с она думает.
# Предскажите, сколько из трёх сообщений она увидит, **пока думает**.

# %% [markdown] lang="en"
# ## The client has the same illness
#
# A beginner's client: `input()`, send, `recv()`, print, and again. While Anna thinks about her
# answer, Boris writes her three messages. Anna is played by a generator: she thinks for 0.8 s.
# Predict how many of the three messages she sees **while she thinks**.

# %%
guess_seen = ...


# %%
def keyboard():
    time.sleep(0.8)  # Anna thinks; this is where input() waits
    yield "да, иду"


# %% [markdown] lang="ru"
# Клиент в одном потоке выполнения:

# %% [markdown] lang="en"
# A client in one thread:


# %%
def client_in_turns(lab, server):
    for line in keyboard():
        server.sendall(line.encode())
        server.recv(1024)


# %% [markdown] lang="ru"
# Борис пишет каждые 0,15 с:

# %% [markdown] lang="en"
# Boris writes every 0.15 s:


# %%
def evening(client):
    talk = Conversation()
    with Lab() as lab:
        anna, boris = lab.pair()
        running = lab.thread(client, lab, talk.tap(anna, "anna", "boris"))
        boris = talk.tap(boris, "boris", "anna")
        lab.thread(listen, boris)
        for word in ("ты где?", "ау", "мы заждались"):
            boris.sendall(word.encode())
            time.sleep(0.15)
        running.join()
    return talk.messages


# %%
thinking = evening(client_in_turns)
answered = next(message.sent for message in thinking if message.who == "anna")
compare(guess_seen, sum(m.read < answered for m in thinking if m.who == "boris" and m.read))

# %% [markdown] lang="ru"
# Когда она их прочла:

# %% [markdown] lang="en"
# When she read them:

# %%
sequence.draw(["anna", "boris"], thinking)

# %% tags=["invariant"]
assert all(m.read > answered for m in thinking if m.who == "boris" and m.read)

# %% [markdown] lang="ru"
# Лекарство то же: `recv` — в отдельный поток выполнения, `input` — в главный.

# %% [markdown] lang="en"
# The cure is the same: `recv` in a thread of its own, `input` in the main one.


# %%
def client_with_two_threads(lab, server):
    lab.thread(listen, server)
    for line in keyboard():
        server.sendall(line.encode())


# %%
sequence.draw(["anna", "boris"], awake := evening(client_with_two_threads))

# %% tags=["invariant"]
assert all(m.read and m.read - m.sent < 0.4 for m in awake if m.who == "boris")

# %% [markdown] lang="ru"
# ## Проверьте
#
# Ваши программы, отдельными процессами. Сервер — `TODO(4.3)`–`TODO(4.6)` в `two_user_server.py`
# (нет его — возьмём `server.py`), клиент — `TODO(4.7)` и `TODO(4.8)`.

# %% [markdown] lang="en"
# ## Check
#
# Your programs, as processes of their own. The server is `TODO(4.3)`–`TODO(4.6)` in
# `two_user_server.py` (without it, `server.py` is taken), the client `TODO(4.7)` and `TODO(4.8)`.

# %%
checks.two_users.server()

# %% [markdown] lang="ru"
# И клиент:

# %% [markdown] lang="en"
# And the client:

# %%
checks.two_users.client()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - Сколько ожиданий, столько потоков выполнения.
# - «Завис» часто значит «стоит в `recv` не того сокета».
# - `b""` — единственное прощание, которое вы увидите. Цикл кончается на нём.
#
# Дальше: [когда участников много](7_many_users.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - As many waits, so many threads.
# - “It hangs” often means “it stands in the `recv` of the wrong socket”.
# - `b""` is the only goodbye that you will see. The loop ends there.
#
# Next: [when there are many](7_many_users.ipynb).
