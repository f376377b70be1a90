"""What may be copied: counted byte by byte, whatever was promised."""

from __future__ import annotations

import io

import pytest

from autograder.intake.limits import FREE_BYTES, MOST_RATIO, Budget, Unreadable, not_swollen
from autograder.intake.wary import WaryFile


def test_a_budget_is_for_all_files_together(tmp_path):
    budget = Budget(size=2 << 20)
    budget.copy([bytes(1 << 20)] * 2, tmp_path / "a", None)
    with pytest.raises(Unreadable, match="it holds more than 2 MB"):
        budget.copy([b"x"], tmp_path / "b", None)


def test_no_more_is_read_than_the_budget_allows(tmp_path):
    def endless():
        nonlocal given
        while True:
            given += 1
            yield bytes(1 << 20)

    given = 0
    with pytest.raises(Unreadable):
        Budget(size=3 << 20).copy(endless(), tmp_path / "a", None)
    assert given == 4


def test_a_number_of_files(tmp_path):
    budget = Budget(files=1)
    budget.copy([], tmp_path / "deep" / "a", None)
    with pytest.raises(Unreadable, match="it holds more than 1 files"):
        budget.copy([], tmp_path / "b", None)


def test_nothing_is_written_over(tmp_path):
    Budget().copy([b"first"], tmp_path / "a", None)
    with pytest.raises(FileExistsError):
        Budget().copy([b"second"], tmp_path / "a", None)
    assert (tmp_path / "a").read_bytes() == b"first"


def test_what_swells_is_stopped_where_it_becomes_certain():
    packed = FREE_BYTES // MOST_RATIO * 2
    pieces = [bytes(packed)] * (MOST_RATIO + 1)
    honest = not_swollen(pieces[:-1], packed)
    assert sum(map(len, honest)) == packed * MOST_RATIO
    with pytest.raises(Unreadable, match="it unpacks to more than 200 times its size"):
        list(not_swollen(pieces, packed))


def test_small_files_may_swell():
    assert sum(map(len, not_swollen([bytes(FREE_BYTES)], 1))) == FREE_BYTES


def test_a_wary_file_is_read_in_small_pieces_only(tmp_path):
    inner = io.BytesIO(b"0123456789")
    file = WaryFile(inner, tmp_path / "a.zip", 4)
    assert file.read(4) == b"0123"
    assert file.seek(-2, io.SEEK_END) == file.tell() == 8
    assert file.read() == b"89"
    with pytest.raises(Unreadable, match=r"a.zip says that it has a list of 0 MB"):
        file.read(5)
    file.close()
    file.close()
    assert inner.closed
