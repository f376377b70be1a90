# %% [markdown] lang="ru"
# # 2. Где кончается сообщение
#
# *45 минут. Готовит к `TODO(4.2)`; что проверят, скажет `lab4 explain framing_split`.*
#
# «Я режу по `\n`, — говорит Борис. — Каждый `recv` разрезал, строки напечатал. Проверял, работает».
# Вот его функция. Она получает куски в том виде, в каком их вернул `recv`. **При каком размере
# `recv` она ошибётся?**

# %% [markdown] lang="en"
# # 2. Where a message ends
#
# *45 minutes. Prepares `TODO(4.2)`; `lab4 explain framing_split` says what will be checked.*
#
# “I split at `\n`,” says Boris. “I split what each `recv` brings and print the lines. I tried it, it
# works.” Here is his function. It gets the pieces as `recv` returned them. **With which size of
# `recv` will it go wrong?**

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
from lab4nb import Lab, checks, compare, strips

# %% [markdown] lang="ru"
# Функция Бориса:

# %% [markdown] lang="en"
# The function of Boris:


# %%
def naive(pieces):
    found = []
    for piece in pieces:
        found += [line.decode() for line in piece.split(b"\n") if line]
    return found


# %% [markdown] lang="ru"
# Анна отправляет три строки. Знак конца — `\n`, один байт в конце каждой.

# %% [markdown] lang="en"
# Anna sends three lines. The mark of an end is `\n`, one byte after each.

# %%
lines = ["Привет!", "Как дела?", "Жду"]
data = "".join(f"{line}\n" for line in lines).encode()
len(data)

# %% [markdown] lang="ru"
# ## Предскажите
#
# Отправим эти байты 38 раз и прочитаем через `recv(1)`, `recv(2)`, … `recv(38)`. При скольких
# размерах из 38 функция Бориса вернёт ровно те три строки?

# %% [markdown] lang="en"
# ## Predict
#
# Let us send these bytes 38 times and read them with `recv(1)`, `recv(2)`, … `recv(38)`. With how
# many of the 38 sizes will the function of Boris return exactly the three lines?

# %%
guess = ...

# %% [markdown] lang="ru"
# ## Запустите

# %% [markdown] lang="en"
# ## Run


# %%
def dip(data, size):
    with Lab() as lab:
        anna, boris = lab.pair()
        anna.sendall(data)
        anna.close()
        return list(iter(lambda: boris.recv(size), b""))


# %% [markdown] lang="ru"
# Верно — это те же три строки. Разрезанная буква — тоже ошибка.

# %% [markdown] lang="en"
# Right means the same three lines. A letter cut in two is an error as well.


# %%
def is_right(decode, pieces):
    try:
        return decode(pieces) == lines
    except UnicodeDecodeError:
        return False


# %% [markdown] lang="ru"
# Все размеры подряд, и каждый — настоящее соединение:

# %% [markdown] lang="en"
# All sizes, each a real connection:

# %%
verdicts = {size: is_right(naive, dip(data, size)) for size in range(1, len(data) + 1)}
compare(guess, sum(verdicts.values()))

# %% [markdown] lang="ru"
# По вертикали — размер ведра. Зелёное — строки целы, красное — нет.

# %% [markdown] lang="en"
# Downwards the size of the bucket. Green: the lines are whole; red: they are not.

# %%
strips.buckets(data, verdicts)

# %% tags=["invariant"]
assert [size for size, good in verdicts.items() if good] == [30, 31, 37, 38]

# %% [markdown] lang="ru"
# ## Объясните
#
# Каждая полоса — один размер ведра, просветы — где оно зачерпывало. Зелёных полос четыре: 38 и 37,
# когда влезло всё (ну, кроме последнего `\n`), и 31 и 30, когда разрез случайно попал на конец
# строки. **Вот почему у Бориса «работает»**: короткие строки, большое ведро, всё влезает.
#
# «Тогда возьму `recv(1024)`», — говорит Борис. Анна вставляет в чат 2000 строк из буфера обмена.
# Сколько из 2000 строк Борис получит неиспорченными?

# %% [markdown] lang="en"
# ## Explain
#
# Each bar is one size of the bucket, gaps are where it dipped in. Four bars are green: 38
# and 37, when all went in (well, but for the last `\n`), and 31 and 30, when a cut happened to meet
# the end of a line. **This is why it “works” for Boris**: short lines, a large bucket, all goes in.
#
# “Then I take `recv(1024)`,” says Boris. Anna pastes 2000 lines from her clipboard into the chat.
# How many of the 2000 will Boris get unharmed?

# %%
guess_whole = ...

# %% [markdown] lang="ru"
# Строки вставлены разом, Борис читает по 1024 байта:

# %% [markdown] lang="en"
# The lines are pasted in one go, Boris reads 1024 bytes at a time:

# %%
paste = [f"сообщение {number}" for number in range(2000)]
pieces = dip("".join(f"{line}\n" for line in paste).encode(), 1024)
got = [line for piece in pieces for line in piece.decode(errors="replace").split("\n") if line]
compare(guess_whole, len(set(paste) & set(got)))

# %% [markdown] lang="ru"
# Вот что он видит вместо некоторых из них:

# %% [markdown] lang="en"
# This is what he sees in place of some of them:

# %%
[line for line in got if line not in set(paste)][:6]

# %% tags=["invariant"]
assert 1900 < len(set(paste) & set(got)) < 1990

# %% [markdown] lang="ru"
# Испорчена примерно каждая пятидесятая строка: по одной на каждый разрез. На паре сообщений этого
# не увидеть, на экзамене — увидят.
#
# Ведро тут ни при чём. Начало строки надо **донести до следующего `recv`**: у декодера есть память
# — хвост, после которого ещё не было `\n`.
#
# | как отметить конец | хорошо | плохо |
# |---|---|---|
# | `\n` после сообщения | видно глазами, можно говорить через `nc` | в тексте `\n` быть не может |
# | длина перед сообщением | в тексте может быть что угодно | `nc` уже не поможет; «длина 4 ГБ» |
# | все одной длины | проще некуда | «Привет» и «Война и мир» |
#
# Наш протокол — первая строка таблицы.
#
# ## Измените
#
# Допишите декодер. `receive_data` получает очередной кусок, возвращает список строк, которые этим
# куском *закончились*; остаток хранит в `self.rest`. Подсказка: `*ended, rest = x.split(b"\n")`.

# %% [markdown] lang="en"
# About one line in fifty is broken: one for each cut. With a few messages you will not see it; the
# examiner will.
#
# The bucket is not to blame. The beginning of a line must be **carried over to the next `recv`**: a
# decoder has a memory, the tail with no `\n` after it yet.
#
# | how to mark an end | good | bad |
# |---|---|---|
# | `\n` after the message | you can see it, you can talk with `nc` | no `\n` inside a text |
# | the length before the message | the text may be anything | no more `nc`; “length 4 GB” |
# | all of one length | nothing is simpler | “Hello” and “War and Peace” |
#
# Our protocol is the first row.
#
# ## Modify
#
# Complete the decoder. `receive_data` gets the next piece and returns the list of lines that this
# piece *ends*; it keeps the rest in `self.rest`. A hint: `*ended, rest = x.split(b"\n")`.


# %% tags=["exercise"]
class Decoder:
    def __init__(self):
        self.rest = b""

    def receive_data(self, data):
        return ...


# %% tags=["solution"]
class Decoder:
    def __init__(self):
        self.rest = b""

    def receive_data(self, data):
        *ended, self.rest = (self.rest + data).split(b"\n")
        return [line.decode() for line in ended]


# %%
checks.framing.lines(Decoder)

# %% [markdown] lang="ru"
# Память — это обещание, и им можно злоупотребить. Клиент шлёт сто тысяч байтов без единого `\n`. Сколько
# байтов запомнит такой декодер?

# %% [markdown] lang="en"
# A memory is a promise, and a promise can be abused. A client sends a hundred thousand bytes without
# any `\n`. How many bytes will such a decoder remember?

# %%
guess_kept = ...


# %% [markdown] lang="ru"
# Такой декодер, без предела:

# %% [markdown] lang="en"
# Such a decoder, without a limit:


# %%
class Endless:
    rest = b""

    def receive_data(self, data):
        *ended, self.rest = (self.rest + data).split(b"\n")
        return ended


# %%
greedy = Endless()
for piece in dip(b"a" * 100_000, 16_384):
    greedy.receive_data(piece)
compare(guess_kept, len(greedy.rest))

# %% tags=["invariant"]
assert len(greedy.rest) == 100_000

# %% [markdown] lang="ru"
# Всё, что прислали, и ещё столько же, если попросят. Поэтому в протоколе есть предел — 16 384 байта,
# — и слишком длинная строка не хранится.
#
# ## Проверьте
#
# Перенесите своё решение в `lab4/wire.py`, `TODO(4.2)`, добавив предел. Ячейка импортирует *ваш*
# файл и режет его строки всеми способами.

# %% [markdown] lang="en"
# All that was sent, and as much again if asked to. So the protocol has a limit, 16,384 bytes, and a
# line that is too long is not kept.
#
# ## Check
#
# Take your solution to `lab4/wire.py`, `TODO(4.2)`, and add the limit. The cell imports *your* file
# and cuts its lines in every way.

# %%
checks.framing.wire()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - Границы сообщений рисует протокол, а не TCP.
# - Декодеру нужна память, а памяти — предел.
# - Режут байты, декодируют строки. В таком порядке.
# - Декодер не знает ни сокетов, ни потоков выполнения, поэтому его можно проверить на всех разрезах
#   за долю секунды.
#
# Дальше: [чем кончаются соединения](3_life_and_death.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - The borders of messages are drawn by the protocol, not by TCP.
# - A decoder needs a memory, and a memory needs a limit.
# - Cut bytes, decode lines. In this order.
# - A decoder knows neither sockets nor threads, so all cuts can be tried in a fraction of a second.
#
# Next: [how connections end](3_life_and_death.ipynb).
