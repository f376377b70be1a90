"""Makes the hostile works that attacks.toml declares: they are no files to keep in a repository.

python tests/corpus/hostile/archives/build.py FOLDER
"""

from __future__ import annotations

import io
import os
import random
import struct
import sys
import tarfile
import tomllib
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("attacks.toml")
SERVER = "import socket\nwith socket.create_server(('', 0)) as s:\n    s.accept()\n"
ENDINGS = {"zip": ".zip", "tar": ".tar", "tgz": ".tar.gz", "folder": ""}
LINK, FIFO, FILE = 0o120777, 0o010644, 0o100644
FIFTY = 50

Member = dict[str, Any]


def attacks() -> list[dict[str, Any]]:
    """Return the declared attacks."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))["attack"]


def build(attack: dict[str, Any], folder: Path) -> Path:
    """Make one attack in a folder and return where it is."""
    container = attack["container"]
    path = folder / (attack["name"] + ENDINGS[container])
    members = [each for member in attack["members"] for each in _repeated(member)]
    if container == "folder":
        _folder(path, members)
    elif container == "zip":
        _zip(path, members)
    else:
        _tar(path, members, "w:gz" if container == "tgz" else "w")
    if "twist" in attack:
        TWISTS[attack["twist"]](path)
    return path


def _repeated(member: Member) -> Iterator[Member]:
    path = member["path"].replace("{long}", "х" * 200).replace("{deep}", "a/" * 10_000)
    for number in range(member.get("times", 1)):
        yield member | {"path": path.replace("{}", str(number))}


def _content(member: Member) -> bytes:
    if "zeros" in member:
        return bytes(member["zeros"])
    if "noise" in member:
        return random.Random(member["path"]).randbytes(member["noise"])
    return member.get("link", member.get("text", SERVER)).encode()


def _folder(path: Path, members: list[Member]) -> None:
    path.mkdir()
    for member in members:
        target = path / member["path"]
        if "link" in member:
            target.symlink_to(member["link"])
        elif "kind" in member:
            os.mkfifo(target)
        elif "hole" in member:
            with target.open("wb") as file:
                file.truncate(member["hole"])
        else:
            target.write_bytes(_content(member))


def _zip(path: Path, members: list[Member]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo("x")
            info.filename = member["path"]  # as it is, with every letter
            stored = "noise" in member  # it would not shrink
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            mode = LINK if "link" in member else FIFO if "kind" in member else FILE
            info.external_attr = mode << 16
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that a name comes twice
                archive.writestr(info, _content(member))


def _tar(path: Path, members: list[Member], mode: str) -> None:
    with tarfile.open(path, mode) as archive:
        for member in members:
            info = tarfile.TarInfo(member["path"])
            content = _content(member)
            if "link" in member:
                info.type, info.linkname, content = tarfile.SYMTYPE, member["link"], b""
            elif "hardlink" in member:
                info.type, info.linkname, content = tarfile.LNKTYPE, member["hardlink"], b""
            elif "kind" in member:
                kinds = {"fifo": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE}
                info.type, content = kinds[member["kind"]], b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def _claim_small(path: Path) -> None:
    """Let the list of members say that the last one has 16 bytes."""
    _patch_last_entry(path, 24, 16)


def _patch_last_entry(path: Path, offset: int, value: int) -> None:
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\1\2")
    struct.pack_into("<L", data, entry + offset, value)
    path.write_bytes(data)


def _share_bytes(path: Path) -> None:
    """List the last member fifty times, under other names."""
    data = path.read_bytes()
    start, end = data.rindex(b"PK\1\2"), data.rindex(b"PK\5\6")
    directory = struct.unpack_from("<L", data, end + 16)[0]
    entry = data[start:end]
    more = b"".join(entry.replace(b"a.bin", b"%05d" % number) for number in range(FIFTY))
    tail = bytearray(data[end:])
    struct.pack_into("<HHL", tail, 8, FIFTY + 2, FIFTY + 2, end + len(more) - directory)
    path.write_bytes(data[:end] + more + tail)


def _bzip2(path: Path) -> None:
    """Pack everything anew with bzip2."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


def _long_list(path: Path) -> None:
    """Stretch the list of members to 20 MiB, which are read at once."""
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    directory = struct.unpack_from("<L", data, end + 16)[0]
    tail = bytearray(data[end:])
    struct.pack_into("<L", tail, 12, end - directory + (20 << 20))
    path.write_bytes(data[:end] + bytes(20 << 20) + tail)


def _nest(path: Path) -> None:
    """Put the archive into an archive, three times."""
    for _time in range(3):
        inner = path.read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner.zip", inner)


def _put_nul(path: Path) -> None:
    """Let a name contain a byte 0."""
    path.write_bytes(path.read_bytes().replace(b"@", b"\0"))


def _size_below_zero(path: Path) -> None:
    """Let the last header lead back to itself."""
    data = bytearray(path.read_bytes())
    start = data.rindex(b"data.bin")
    data[start + 124 : start + 136] = b"\xff" * 10 + (-512 & 0xFFFF).to_bytes(2, "big")
    _sign(data, start)
    path.write_bytes(data)


def _break_header(path: Path) -> None:
    """Let the last header be no header: a damaged one."""
    data = bytearray(path.read_bytes())
    start = data.rindex(b"wire.py")
    data[start + 100 : start + 156] = b"\xa5" * 56
    path.write_bytes(data)


def _sparse(path: Path) -> None:
    """Let the last member be one piece of data in a terabyte of nothing, as GNU tar has it."""
    data = bytearray(path.read_bytes())
    start = data.rindex(b"wire.py")
    data[start + 156] = ord("S")
    data[start + 386 : start + 410] = b"00000000000\0" + b"00000000020\0"
    data[start + 483 : start + 495] = b"\x80" + (1 << 40).to_bytes(11, "big")
    _sign(data, start)
    path.write_bytes(data)


def _sign(data: bytearray, start: int) -> None:
    data[start + 148 : start + 156] = b" " * 8
    data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])


TWISTS: dict[str, Callable[[Path], None]] = {
    "claim_small": _claim_small,
    "share_bytes": _share_bytes,
    "bzip2": _bzip2,
    "long_list": _long_list,
    "nest": _nest,
    "put_nul": _put_nul,
    "size_below_zero": _size_below_zero,
    "break_header": _break_header,
    "sparse": _sparse,
}


if __name__ == "__main__":
    for declared in attacks():
        print(build(declared, Path(sys.argv[1])))
