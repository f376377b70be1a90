"""Archives made and spoiled at random: no exception, and nothing outside the staging folder."""

from __future__ import annotations

import io
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake import read

PARTS = ["..", ".", "", "\\", "C:", "con", "-rf", "a", "A", "\x1b", "\u202e", "é", "e\u0301"]
TRICKS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("/".join)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
NAMES = st.lists(TRICKS | TEXT, min_size=1, max_size=8)
SPOILS = st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=4)), max_size=9)
PLACES = ["server.py", "client.py", "Client.PY", "wire.py", "wire", "two_user_server.py", "a", "b"]
SOURCES = [
    "",
    "import wire, a\ns.listen()\n",
    "import wire, b\ns.connect(a)\n",
    "from a.b import c",
]
SOURCE = b"import socket\nsocket.create_server(('', 1)).accept()\n"


def as_zip(names: list[str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a name comes twice
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is, even with a byte 0
            archive.writestr(info, SOURCE)
    return file.getvalue()


def as_tar(names: list[str], mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(SOURCE)
            archive.addfile(info, io.BytesIO(SOURCE))
    return file.getvalue()


def take_in(name: str, data: bytes) -> int:
    """Read an archive in a folder deep below another one; return how many entries came."""
    with tempfile.TemporaryDirectory() as top:
        inside = Path(top).joinpath(*"abcdefgh")
        inside.mkdir(parents=True)
        path = inside / name
        path.write_bytes(data)
        staging = inside / "staging"
        entries = list(read([path], staging))
        for entry in entries:
            assert (entry.folder is None) != (entry.reason is None)
            assert entry.folder is None or (entry.folder / "server.py").is_file()
            assert entry.folder is None or entry.folder.parent == staging
        written = [found for found in Path(top).rglob("*") if found.is_file() and found != path]
        assert all(staging in found.parents for found in written)
        return len(entries)


@settings(deadline=None, max_examples=60)
@given(names=NAMES)
def test_whatever_members_are_called(names):
    names = ["server.py", *names]
    assert take_in("work.zip", as_zip(names)) >= 1
    assert take_in("work.tar", as_tar(names, "w")) >= 1


@settings(deadline=None, max_examples=60)
@given(
    tree=st.dictionaries(
        st.lists(st.sampled_from(PLACES), min_size=1, max_size=4).map("/".join),
        st.sampled_from(SOURCES),
        max_size=8,
    )
)
def test_whatever_lies_where(tree):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tree.items():
            path = Path(folder, "work", name)
            if not path.exists() and not any(above.is_file() for above in path.parents):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        Path(folder, "work").mkdir(exist_ok=True)
        for entry in read([Path(folder, "work")], Path(folder, "staging")):
            assert (entry.folder is None) != (entry.reason is None)
            assert entry.folder is None or (entry.folder / "server.py").is_file()


@settings(deadline=None, max_examples=60)
@given(spoils=SPOILS, cut=st.integers(0, 4000), kind=st.sampled_from(["zip", "tar", "tar.gz"]))
def test_whatever_bytes_an_archive_has(spoils, cut, kind):
    names = ["anna/server.py", "boris/server.py", "boris/client.py"]
    makers = {"zip": as_zip, "tar": lambda n: as_tar(n, "w"), "tar.gz": lambda n: as_tar(n, "w:gz")}
    data = bytearray(makers[kind](names))
    for place, noise in spoils:
        place %= len(data)
        data[place : place + len(noise)] = noise
    assert take_in(f"work.{kind}", bytes(data[: max(cut, len(data) - cut)])) >= 1
