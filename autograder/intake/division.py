"""Whose is what: divides a folder or an archive into the works of students, by names alone.

1. Names that Moodle gives: `Full name_12345_assignsubmission_file_`, a folder or a file.
2. Names that Canvas gives: `ivanovivan_LATE_12345_67890_server.py`.
3. A folder or an archive for each student, if at least two of them hold something to run and are
   not named as parts of a work are; one archive is enough where it lies in a folder.
4. Else all is one work. A program that lies at the top makes it one, too, unless its name speaks
   of no part in a chat, and two of those beside it are archives or hold both a server and a client:
   then it is somebody's who looks after a class.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from autograder.intake.kit import without_kit
from autograder.intake.members import Member
from autograder.intake.paths import is_archive, is_python, shown, stem
from autograder.intake.programs import WORD_OF, words

MOODLE = re.compile(
    r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"
)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)")
# What Canvas appends when a file is handed in again.
ATTEMPT = re.compile(r"-\d+(?=\.\w+$)")
CHAT = re.compile(r"chat|чат|main|app|user")  # in the name of a program: it may be a part
# Names that a student gives to folders inside a work.
PART = re.compile(
    r"((src|sources?|code|app|bin|libs?|utils?|common|shared|core|servers?|srv|clients?|cli|chat|tests?"
    r"|docs?|data|assets|images|img|screenshots?|reports?|notebooks|scripts"
    r"|сервер|клиент|общее|код|исходники|отч[её]т|скриншоты|чат|тесты"
    r"|(two|multi|2)[ _-]?users?([ _-]?(chat|server))?"
    r"|v(er(sion)?)?|old|new|final|draft|backup|copy|верси[ия]|стар[а-я]+|нов[а-я]+|черновик|копия"
    r"|levels?|lvl|tasks?|parts?|stage|lab|уровень|задание|задача|часть|этап|лаб[а-я]*)[ _-]*\d*)",
    re.IGNORECASE,
)


@dataclass
class Share:
    """What one student handed in.

    Attributes:
        name: Of the student, or of what was handed in.
        place: Where it is inside the folder or archive; empty for all of it.
        participant: The number that Moodle or Canvas has given to the student.
        members: What belongs to it, with paths inside the work.
    """

    name: str
    place: str = ""
    participant: str | None = None
    members: list[Member] = field(default_factory=list)


def divide(members: Sequence[Member], name: str, is_folder: bool) -> list[Share]:
    """Return the works that are in a folder or an archive.

    Args:
        members: All that is in it.
        name: Of a work that is all of it.
        is_folder: Whether it lies on the disk as a folder.
    """
    members = without_kit(members)
    inside, depth = _below_lonely_folders(members)
    tops = list(dict.fromkeys(member.parts[0] for member in inside))
    if any(map(MOODLE.fullmatch, tops)):
        return _told_apart(_sorted_out(inside, _moodle))
    folders = {member.parts[0] for member in inside if member.is_folder or len(member.parts) > 1}
    loose = [top for top in tops if top not in folders and (is_python(top) or is_archive(top))]
    if loose and all(map(CANVAS.fullmatch, loose)):
        return [_first_names(share) for share in _sorted_out(inside, _canvas)]
    holding = {
        member.parts[0]
        for member in inside
        if is_python(member.parts[-1]) or is_archive(member.parts[-1]) or member.fault
    }
    named = [top for top in holding if not PART.fullmatch(stem(top))]
    programs = [top for top in loose if is_python(top)]
    if programs and (any(map(_has_part, programs)) or len(_whole_chats(inside) & set(named)) < 2):
        return [_whole(name, members)]
    archive_in_folder = is_folder and not depth and any(top in named for top in loose)
    if len(named) >= 2 or archive_in_folder:
        return _sorted_out(inside, _by_name)
    return [_whole(name, members)]


def _has_part(path: str) -> bool:
    return any(word.search(words(path)) for word in (CHAT, *WORD_OF.values()))


def _whole_chats(members: Sequence[Member]) -> set[str]:
    """Return the archives, and the folders with a server and a client, as far as names say."""
    parts: dict[str, set[str]] = defaultdict(set)
    for member in members:
        top, file = member.parts[0], member.parts[-1]
        if len(member.parts) == 1 and is_archive(top):
            parts[top].update(WORD_OF)
        elif is_python(file):
            parts[top].update(role for role, word in WORD_OF.items() if word.search(words(file)))
    return {top for top, roles in parts.items() if len(roles) == len(WORD_OF)}


def _whole(name: str, members: Sequence[Member]) -> Share:
    """Return all as one work; its folder may be one that Moodle has named."""
    found = MOODLE.fullmatch(name)
    if not found:
        return Share(name, members=list(members))
    return Share(found["name"], participant=found["number"], members=list(members))


def _below_lonely_folders(members: Sequence[Member]) -> tuple[list[Member], int]:
    """Return the members without the folders that everything is in, and how many these are."""
    inside, depth = list(members), 0
    while len({member.parts[0] for member in inside}) == 1 and any(
        len(member.parts) > 1 for member in inside
    ):
        if MOODLE.fullmatch(inside[0].parts[0]):
            break
        inside = [
            replace(member, parts=member.parts[1:]) for member in inside if len(member.parts) > 1
        ]
        depth += 1
    return inside, depth


def _sorted_out(
    members: Sequence[Member], place: Callable[[Member], tuple[Share, tuple[str, ...]] | None]
) -> list[Share]:
    shares: dict[tuple[str, str], Share] = {}
    for member in members:
        found = place(member)
        if found is None:
            continue
        share, parts = found
        share = shares.setdefault((share.name, share.participant or share.place), share)
        if parts:
            share.members.append(replace(member, parts=parts))
    return list(shares.values())


def _moodle(member: Member) -> tuple[Share, tuple[str, ...]] | None:
    found = MOODLE.fullmatch(member.parts[0])
    if not found:
        return _by_name(member)
    parts = (found["file"], *member.parts[1:]) if found["file"] else member.parts[1:]
    if found["kind"] != "file":  # what was typed in the browser; it must not clash with files
        parts = (found["kind"], *parts)
    share = Share(shown(found["name"]), member.parts[0], found["number"])
    return share, () if member.is_folder and len(member.parts) == 1 else parts


def _canvas(member: Member) -> tuple[Share, tuple[str, ...]] | None:
    found = CANVAS.fullmatch(member.parts[0])
    if not found:
        return None
    share = Share(shown(found["name"]), member.parts[0], found["number"])
    return share, (found["file"], *member.parts[1:])


def _first_names(share: Share) -> Share:
    """Take back what Canvas has appended to names, where no two files become one by that."""
    names = [ATTEMPT.sub("", member.parts[0]) for member in share.members]
    times = Counter(names)
    share.members = [
        replace(member, parts=(name, *member.parts[1:])) if times[name] == 1 else member
        for member, name in zip(share.members, names, strict=True)
    ]
    return share


def _by_name(member: Member) -> tuple[Share, tuple[str, ...]] | None:
    """Take a top folder for a student's, and an archive; other files there are nobody's."""
    top = member.parts[0]
    if len(member.parts) > 1 or member.is_folder:
        return Share(shown(top), top), member.parts[1:]
    if is_archive(top) or member.fault:
        return Share(shown(stem(top)), top), member.parts
    return None


def _told_apart(shares: list[Share]) -> list[Share]:
    """Append the number to names that several have: Moodle hides names behind one word."""
    times = Counter(share.name for share in shares)
    for share in shares:
        if times[share.name] > 1 and share.participant:
            share.name = f"{share.name} {share.participant}"
    return shares
