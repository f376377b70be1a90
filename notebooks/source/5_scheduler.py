# %% [markdown] lang="ru"
# # 5. Вы — планировщик
#
# *45 минут. Готовит к `TODO(4.9)` и `TODO(4.11)`; что проверят, скажет `lab4 explain races`.*
#
# Две кассы продают билеты на один концерт. Было 10 билетов, каждая касса продала один. **Осталось
# 9.** Кассир не ошибся, программа не упала, тесты прошли. Кто виноват?
#
# Потоки выполнения переключает планировщик: когда захочет, между любыми двумя шагами. Сегодня
# планировщик — вы.

# %% [markdown] lang="en"
# # 5. You are the scheduler
#
# *45 minutes. Prepares `TODO(4.9)` and `TODO(4.11)`; `lab4 explain races` says what is checked.*
#
# Two desks sell tickets for one concert. There were 10 tickets, each desk sold one. **9 are left.**
# No cashier made a mistake, the program did not crash, the tests passed. Whose fault is it?
#
# It is the scheduler that switches between threads: when it likes, between any two steps. Today the
# scheduler is you.

# %%
import sys

sys.path.insert(0, "..")  # where the helpers lie
import threading
from collections import Counter

from lab4nb import checks, compare, interleavings, stage
from lab4nb.puppet import Lock
from lab4nb.scheduler import World

# %% [markdown] lang="ru"
# Касса читает, вычитает, записывает:

# %% [markdown] lang="en"
# A desk reads, subtracts, writes:

# %%
shop = {"left": 10}


def sell():
    left = shop["left"]
    left = left - 1
    shop["left"] = left


# %% [markdown] lang="ru"
# `World` запускает функции в *настоящих* потоках выполнения, но останавливает каждый перед каждой
# строкой. Две кассы, общий магазин:

# %% [markdown] lang="en"
# `World` runs functions in *real* threads, but stops each of them before each line. Two desks, one
# shop:


# %%
def reset():
    shop["left"] = 10


# %%
desks = World([sell, sell], before=reset, after=lambda: shop["left"])

# %% [markdown] lang="ru"
# Нажимайте «Ход A» и «Ход B» в любом порядке. Сначала добейтесь 8. Потом 9.

# %% [markdown] lang="en"
# Press “Step A” and “Step B” in any order. Get 8 first. Then get 9.

# %%
stage.buttons(desks, right=8)

# %% [markdown] lang="ru"
# Нет кнопок (например, вы смотрите не в JupyterLab)? Пишите ходы буквами:

# %% [markdown] lang="en"
# No buttons (perhaps you are not in JupyterLab)? Write the moves as letters:

# %%
stage.look(desks, "AAB")

# %% [markdown] lang="ru"
# ## Предскажите
#
# У каждой кассы три шага. Порядков, в каких могут идти шесть шагов, ровно 20. В скольких из 20
# останется 8?

# %% [markdown] lang="en"
# ## Predict
#
# Each desk has three steps. There are exactly 20 orders in which the six steps can come. In how many
# of the 20 are 8 left?

# %%
guess = ...

# %% [markdown] lang="ru"
# ## Запустите
#
# Все 20, каждый по-настоящему.

# %% [markdown] lang="en"
# ## Run
#
# All 20, each for real.

# %%
runs = desks.explore()
compare(guess, sum(run.result == 8 for run in runs))

# %% [markdown] lang="ru"
# Строка — порядок, клетка — чей ход. Верные наверху.

# %% [markdown] lang="en"
# A row is an order, a square says whose move it is. The right ones are at the top.

# %%
interleavings.draw(runs, right=8)

# %% tags=["invariant"]
assert Counter(run.result for run in runs) == {9: 18, 8: 2}
assert len({run.schedule for run in runs}) == 20

# %% [markdown] lang="ru"
# ## Объясните
#
# Верно только тогда, когда одна касса *полностью* опередила другую: `AAABBB` и `BBBAAA`. В остальных
# 18 случаях обе прочли 10, обе записали 9. Это **состояние гонки**, вид «потерянное обновление».
#
# «Это потому, что три строки. Напишу в одну: `left -= 1`». Посмотрим на шаги байт-кода. Сколько
# порядков из 20 верны теперь?

# %% [markdown] lang="en"
# ## Explain
#
# It is right only if one desk is *entirely* ahead of the other: `AAABBB` and `BBBAAA`. In the other
# 18 both read 10, both wrote 9. This is a **race condition**, of the kind called “lost update”.
#
# “That is because of three lines. I shall write it in one: `left -= 1`.” Let us look at the steps of
# the bytecode. How many orders of 20 are right now?

# %%
guess_one_line = ...

# %% [markdown] lang="ru"
# Теперь одной строкой:

# %% [markdown] lang="en"
# Now in one line:

# %%
left = 10


def sell_in_one_line():
    global left
    left -= 1


# %%
def refill():
    global left
    left = 10


# %% [markdown] lang="ru"
# `by="opcode"` останавливает не перед строкой, а перед шагом байт-кода.

# %% [markdown] lang="en"
# `by="opcode"` stops not before a line but before a step of the bytecode.

# %%
one_line = World([sell_in_one_line] * 2, before=refill, after=lambda: left, by="opcode")
short = one_line.explore()
compare(guess_one_line, sum(run.result == 8 for run in short))

# %% [markdown] lang="ru"
# Вот эти шаги, через один:

# %% [markdown] lang="en"
# These are the steps, in turn:

# %%
one_line.play("ABABAB").steps

# %% tags=["invariant"]
assert Counter(run.result for run in short) == {9: 18, 8: 2}

# %% [markdown] lang="ru"
# Одна строка — те же три шага: прочесть, вычесть, записать. Столько же и потерь.
#
# ## Почему же у вас работало?
#
# Планировщик Python не так зол, как вы. Четыре потока выполнения прибавляют по 500 000: сперва
# `c += 1`, потом `c += int(1)`. Предскажите, теряется ли что-нибудь: `True` или `False`.

# %% [markdown] lang="en"
# One line, the same three steps: read, subtract, write. And as much is lost.
#
# ## Then why did it work for you?
#
# Python's scheduler is not as mean as you are. Four threads add 500,000 each: first `c += 1`, then
# `c += int(1)`. Predict whether anything is lost: `True` or `False`.

# %%
guess_plain = ...
guess_int = ...


# %%
def plain():
    global c
    for _ in range(500_000):
        c += 1


# %% [markdown] lang="ru"
# То же самое, только единица проходит через вызов:

# %% [markdown] lang="en"
# The same, but the one goes through a call:


# %%
def with_int():
    global c
    for _ in range(500_000):
        c += int(1)


# %% [markdown] lang="ru"
# Сколько прибавлений пропало из двух миллионов:

# %% [markdown] lang="en"
# How many additions of two million are lost:


# %%
def lost(work):
    global c
    c = 0
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2_000_000 - c


# %%
lost_plain = max(lost(plain) for _ in range(3))
compare(guess_plain, lost_plain > 0)

# %%
lost_int = max(lost(with_int) for _ in range(3))
compare(guess_int, lost_int > 0)

# %% [markdown] lang="ru"
# Версия Python и худшее из трёх:

# %% [markdown] lang="en"
# The version of Python, and the worst of three:

# %%
sys.version_info[:2], lost_plain, lost_int

# %% tags=["invariant"]
assert lost_plain == 0 or sys.version_info[:2] != (3, 11)
assert lost_int > 0

# %% [markdown] lang="ru"
# CPython 3.11 отдаёт GIL только при вызове функции и при прыжке цикла назад. Между чтением и записью
# `c += 1` ни того ни другого нет — и программа с ошибкой работает **всегда**. Стоит добавить
# безобидный вызов `int(1)`, и пропадает до половины. В другой версии Python граница проходит не там
# же. Полагаться на это — всё равно что ездить на красный, потому что вчера никого не было.
#
# В чате `left` зовут иначе: `number = len(clients) + 1`, `clients = clients + [new]`.
#
# ## Измените
#
# Сделайте продажу неделимой. `lock` — один на всех, «войти и выйти» пишется `with lock:`.

# %% [markdown] lang="en"
# CPython 3.11 gives the GIL away only at a function call and where a loop jumps back. Between the
# reading and the writing of `c += 1` there is neither, and a program with a mistake works **always**.
# Add a harmless call, `int(1)`, and up to a half is gone. In another version of Python the border is
# elsewhere. To rely on it is to drive through red lights because yesterday nobody came.
#
# In a chat `left` has other names: `number = len(clients) + 1`, `clients = clients + [new]`.
#
# ## Modify
#
# Make the sale indivisible. `lock` is one for all; “go in and come out” is written `with lock:`.

# %%
lock = Lock()


# %% tags=["exercise"]
def sell_safely():
    return ...


# %% tags=["solution"]
def sell_safely():
    with lock:
        left = shop["left"]
        left = left - 1
        shop["left"] = left


# %% [markdown] lang="ru"
# Проверка перебирает все порядки ходов и рассказывает первый неудачный:

# %% [markdown] lang="en"
# The check goes through all orders of moves, and tells the first that fails:

# %%
safe_desks = World([sell_safely, sell_safely], before=reset, after=lambda: shop["left"])
checks.scheduler.every_schedule(safe_desks, 8)

# %% [markdown] lang="ru"
# Когда получится, сломайте замок нарочно и прочтите ответ проверки:
# - под замком только последняя строка;
# - `with Lock():` — каждый раз новый замок;
# - `with lock:` внутри `with lock:`.
#
# А потом сядьте за пульт: теперь вам не дадут ходить за того, кто ждёт.

# %% [markdown] lang="en"
# When it works, break the lock on purpose and read what the check says:
# - only the last line under the lock;
# - `with Lock():`, a new lock each time;
# - `with lock:` inside `with lock:`.
#
# Then sit down at the desk again: now you may not move for somebody who waits.

# %%
stage.buttons(safe_desks, right=8)

# %% tags=["outcome"]
assert {run.result for run in safe_desks.explore()} == {8}

# %% [markdown] lang="ru"
# ## Проверьте
#
# В дверь вашего сервера ломятся двадцать человек *одновременно*, и каждый говорит слово. У всех ли
# разные номера? (`TODO(4.9)`, `TODO(4.11)`.)

# %% [markdown] lang="en"
# ## Check
#
# Twenty people rush to the door of your server *at the same moment*, and each says a word. Have all
# of them different numbers? (`TODO(4.9)`, `TODO(4.11)`.)

# %%
checks.scheduler.numbers()

# %% [markdown] lang="ru"
# ## Унесите с собой
#
# - «Прочитал — изменил — записал» — три шага, между ними может пройти что угодно.
# - «Сто раз запустил, работает» — это 100 порядков из миллионов.
# - Замок должен быть один на всех и держать *всё* действие.
# - Ещё лучше, когда общего нет: пусть с коллекцией клиентов работает один поток выполнения.
#
# Дальше: [двое хотят говорить](6_two_users.ipynb).

# %% [markdown] lang="en"
# ## Take away
#
# - “Read, change, write” are three steps; anything may happen between them.
# - “I ran it a hundred times, it works” is 100 orders out of millions.
# - A lock must be one for all, and hold the *whole* action.
# - Better still to share nothing: let one thread work with the collection of clients.
#
# Next: [two want to talk](6_two_users.ipynb).
