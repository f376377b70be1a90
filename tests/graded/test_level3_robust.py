"""Level 3: a chat that trouble does not harm."""

import sys

import pytest

from autograder.harness import labels, lifecycle, notices
from autograder.harness.backpressure import break_off_in_send, flood_past, hold_in_send
from autograder.harness.clock import Clock
from autograder.harness.crowd import enter_at_once, everybody_hears
from autograder.harness.person import Person
from autograder.harness.program import Chaos
from autograder.harness.room import hear_each_other
from autograder.harness.trouble import churn, leave_in_pairs, outlive


@pytest.mark.check("reset_survived", needs=["broadcast"])
def test_reset_survived(chat):
    """The first-joined is cut off, then the last-joined, then one in the midst of a send to it."""
    outlive(chat.room(), Person.crashes)
    chat.finish()
    break_off_in_send(chat.room(chat.start(chaos=Chaos(send_buffer=16384))))


@pytest.mark.check("leave_notice", needs=["leave_survived"])
def test_leave_notice(chat):
    """Those who stay hear the last words of who leaves, and are told once, and at once."""
    room = chat.room()
    (anna,) = room.enter("anna")
    boris, vera = people = room.enter("boris", "vera")
    hear_each_other([anna, *people], rounds=1)
    called = notices.name_in_notices(boris, anna)
    before = {person: person.mark() for person in (anna, vera)}
    last_words = boris.says_last_words()
    for person in (anna, vera):
        person.hears(last_words)
        notices.is_told(person, since=before[person], about=boris, called=called)


@pytest.mark.check("framing_split", needs=["broadcast"])
def test_framing_split(chat):
    """recv returns one byte at a time, as TCP may; a line stays a line, and that of its author."""
    server = chat.start(chaos=Chaos(most_bytes=1))
    anna, boris, vera = chat.room(server).enter("anna", "boris", "vera")
    for author, listeners in ((anna, (boris, vera)), (boris, (anna, vera))):
        message = author.says(text="слово-{}-ещё")
        for listener in listeners:
            listener.hears(message)
    begun, other = anna.begins(), boris.says()
    vera.hears(other)
    anna.ends(begun)
    for listener in (boris, vera):
        listener.hears(begun)


@pytest.mark.check("framing_merged", needs=["broadcast"])
def test_framing_merged(chat):
    """Five lines arrive in one piece; each is relayed as a line of its own."""
    anna, boris, vera = people = chat.room().enter("anna", "boris", "vera")
    hear_each_other(people, rounds=1)
    single = anna.says()
    boris.hears(single)
    messages = anna.says_at_once(5)
    for message in messages:
        for listener in (boris, vera):
            listener.hears(message)
    labels.each_is_marked_as(boris, single, messages)


@pytest.mark.check("slow_reader", needs=["broadcast"])
def test_slow_reader(chat):
    """One never reads; the others say far more than fits into its buffers, and hear it all."""
    server = chat.start(chaos=Chaos(send_buffer=16384))
    room = chat.room(server)
    (anna,) = room.enter("anna")
    (egor,) = room.enter("egor", frozen=True, receive_buffer=4096)
    boris, vera = room.enter("boris", "vera")
    flood_past(egor, authors=[anna, vera], listeners=[anna, boris, vera])
    egor.leaves()


@pytest.mark.check("time_prefix", needs=["broadcast"])
def test_time_prefix(chat):
    """At seven minutes past four the line begins with 04:07, not with 40:70; later with 16:07."""
    for clock in (Clock(hour=4, minute=7), Clock(hour=16, minute=7)):
        server = chat.start(timezone=clock.timezone)
        anna, boris = chat.room(server).enter("anna", "boris")
        for _ in range(2):
            message = anna.says()
            boris.hears(message)
        clock.stands_before(message, boris)
        chat.finish()  # a server may know one port only


@pytest.mark.check("ids_stable", needs=["leave_survived", "sender_named"])
def test_ids_stable(chat):
    """The first leaves, others come and leave: old names stay, and none is given twice."""
    room = chat.room()
    anna, boris, vera = people = room.enter("anna", "boris", "vera")
    hear_each_other(people, rounds=1)
    before = {author: labels.label_heard_from(vera, author) for author in (anna, boris)}
    before[vera] = labels.label_heard_from(boris, vera)
    anna.leaves()
    room.settle()
    labels.is_still_called(boris, vera, before)
    (gleb,) = room.enter("gleb")
    labels.is_still_called(boris, vera, before)
    before = labels.has_a_name_of_its_own(gleb, vera, before)
    gleb.leaves()
    room.settle()
    (dasha,) = room.enter("dasha")
    labels.has_a_name_of_its_own(dasha, vera, before)


@pytest.mark.check("no_spin", needs=["broadcast"])
def test_no_spin(chat):
    """After somebody left, the server waits instead of computing."""
    server = chat.start()
    room = chat.room(server)
    people = room.enter("anna", "boris", "vera")
    hear_each_other(people, rounds=1)
    people[1].leaves()
    lifecycle.rests(server, room)


@pytest.mark.check("stops_cleanly", needs=["broadcast"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT and SIGTERM to send")
def test_stops_cleanly(chat):
    """Ctrl-C, then kill: clients see the end, the exit status is 0, within two seconds."""
    for by_ctrl_c in (True, False):
        server = chat.start()
        room = chat.room(server)
        hear_each_other(room.enter("anna", "boris", "vera"), rounds=1)
        lifecycle.stops(server, room, by_ctrl_c=by_ctrl_c)
        room.close()


@pytest.mark.check("port_reusable", needs=["broadcast"])
def test_port_reusable(chat):
    """The server is killed among clients and started again on the same port."""
    server = chat.start()
    people = chat.room(server).enter("anna", "boris")
    hear_each_other(people, rounds=1)
    lifecycle.kill_among(server, people)
    again = chat.start(port=server.address[1])
    hear_each_other(chat.room(again).enter("vera", "gleb"), rounds=1)


@pytest.mark.check("races", needs=["leave_survived"])
def test_races(chat):
    """People come and go while others talk, with pauses at the worst moments."""
    server = chat.start(chaos=Chaos(seed=chat.seed, pause_s=0.002))
    churn(chat.room(server), stay=4, pairs=8, rounds=6)
    chat.finish()
    server = chat.start(chaos=Chaos(send_buffer=16384))
    people = hold_in_send(chat.room(server))
    hear_each_other(people, rounds=1)


@pytest.mark.check("no_deadlock", needs=["leave_survived"], audit=False)
def test_no_deadlock(chat):
    """Pairs leave in the same moment while others talk; then newcomers can still talk."""
    server = chat.start(chaos=Chaos(seed=chat.seed, pause_s=0.004, meet_s=0.05))
    leave_in_pairs(chat.room(server), pairs=4)


@pytest.mark.check("hundreds", needs=["crowd"])
def test_hundreds(chat):
    """Two hundred people come; everybody hears some of them."""
    people = enter_at_once(chat.room(), 200)
    everybody_hears(people, authors=[people[0], people[100], people[-1]])
