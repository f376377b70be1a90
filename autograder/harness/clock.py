"""A time of day of our choice for the program under test, whatever the time is here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from autograder.harness.history import Message
from autograder.harness.person import Person
from autograder.i18n import _

PREFIX = re.compile(r"(?:\x1b\[[\d;]*m|\W)*(\d{1,2}):(\d{1,2})(?!\d)")
LATE_MINUTES = 2  # the check may see the minute change


class Clock:
    """Shows `hour`:`minute` now, through the time zone that the program is given.

    Args:
        hour: 0 to 23.
        minute: 0 to 59.
    """

    def __init__(self, hour: int, minute: int) -> None:
        now = datetime.now(UTC)
        # POSIX: "LAB3:20" is a zone 3 hours 20 minutes *west*: local time is UTC minus that.
        west = (now.hour * 60 + now.minute - hour * 60 - minute) % (24 * 60)
        self.timezone = f"LAB{west // 60}:{west % 60:02}"
        start = datetime(2000, 1, 1, hour, minute)
        self._right = {
            (start + timedelta(minutes=late)).strftime("%H:%M") for late in range(LATE_MINUTES + 1)
        }
        self.shows = start.strftime("%H:%M")

    def stands_before(self, message: Message, listener: Person) -> None:
        """Make sure that the line of a message begins with this time, two digits each.

        Raises:
            Unmet: it does not.
        """
        room = listener.room
        room.story.step(
            _("The line must begin with {time}, the time in the zone the server lives in.").format(
                time=self.shows
            )
        )
        data = listener.line.inbox.data().decode("utf-8", "replace")
        before = data.partition(message.text)[0]
        line = re.split(rf"\n|{room.nonce}", before)[-1]
        found = PREFIX.match(line)
        expected = _("the line begins with {time}").format(time=self.shows)
        offending = message.to(listener)
        if not found:
            later = re.search(r"\d{1,2}:\d{2}", line)
            begins = _("it begins with “{text}”: no time").format(text=line[:40])
            raise room.unmet(
                expected,
                begins if line.strip() else _("nothing stands before what was said"),
                cause=_("something stands before the time") if later else "",
                offending=offending,
            )
        time = f"{found[1]}:{found[2]}"
        if time not in self._right:
            raise room.unmet(
                expected,
                _("it begins with {time}").format(time=time),
                cause=self._mistake(found[1], found[2]),
                offending=offending,
            )

    def _mistake(self, hour: str, minute: str) -> str:
        right_hour = str(int(self.shows.split(":")[0]))
        if hour == right_hour.ljust(2, "0"):
            return _("ljust() pads on the right: {one} becomes {two}").format(
                one=right_hour, two=hour
            )
        minutes = {time.split(":")[1] for time in self._right}
        half_a_day = int(hour) % 12 == int(right_hour) % 12 and int(hour) != int(right_hour)
        if half_a_day and minute in minutes:  # else it may be half a day by chance
            return _("a clock of 12 hours: %I instead of %H")
        if len(hour) < 2 or len(minute) < 2:
            return _("one digit is not padded to two")
        return _("the time is not the local time of day")
