"""The rubric: its points, and what is said of a wrong one."""

import pytest

from autograder.grading import catalog, rubric


def test_the_default_has_a_hundred_points():
    found = rubric.load()
    assert sum(found.points.values()) == 100
    assert sum(p for check, p in found.points.items() if found.levels[check] == 1) == 60


def test_every_check_has_its_words():
    assert set(rubric.load().points) == set(catalog.ABOUT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[level1", "is not valid TOML"),
        ("[level9]\nrelay = 1", r"level9 is none of \[level1\]"),
        ("hiden = ['a']\n[level1]\nrelay = 1", r"hiden is none of .* hidden, kept_back"),
        ("hidden = 'relay'\n[level1]\nrelay = 1", "hidden = 'relay', expected a list"),
        ("hidden = ['rely']\n[level1]\nrelay = 1", "hidden names rely, which has no points"),
        ("checks = 'no'\n[level1]\nrelay = 1", "there is no folder .*no with checks of your own"),
        ("seed = true\n[level1]\nrelay = 1", "seed = True, expected a whole number"),
        ("", "it names no check, and only what it names is run"),
        ("[level1]\n[level2]", "it names no check"),
        ("[level1]\nrelay = -1", "relay = -1, expected a whole number from 0"),
        ("[level1]\nrelay = true", "relay = True, expected a whole number from 0"),
        ("[level1]\nrelay = 1\n[level2]\nrelay = 1", "relay stands in two tables, expected one"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path, text, message):
    path = tmp_path / "rubric.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(rubric.RubricError, match=message):
        rubric.load(path)


def test_an_id_that_no_check_has_is_named(tmp_path):
    path = tmp_path / "rubric.toml"
    path.write_text("[level1]\nrelay = 1\nrelai = 15\n[gate]\nthreds = 0", encoding="utf-8")
    with pytest.raises(rubric.RubricError, match=r"there is no check called relai, threds: "):
        rubric.load(path).must_name_only(catalog.ABOUT, path)


def test_a_file_that_is_not_there_is_explained(tmp_path):
    with pytest.raises(rubric.RubricError, match="cannot be read"):
        rubric.load(tmp_path / "no.toml")


def test_a_copy_has_the_checks_that_come_with_it(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test_chess.py").touch()
    (tmp_path / "r.toml").write_text('checks = "own"\n[level3]\nchess = 9', encoding="utf-8")
    copy = rubric.copy(tmp_path / "r.toml", tmp_path / "copy")
    assert rubric.load(copy).points == {"chess": 9}
    assert rubric.load(copy).checks == tmp_path / "copy" / "own"
    assert (tmp_path / "copy" / "own" / "test_chess.py").exists()


def test_checks_that_are_elsewhere_cannot_be_copied(tmp_path):
    (tmp_path / "rubric").mkdir()
    (tmp_path / "own").mkdir()
    path = tmp_path / "rubric" / "r.toml"
    path.write_text('checks = "../own"\n[level3]\nchess = 9', encoding="utf-8")
    with pytest.raises(
        rubric.RubricError, match="with checks of your own must lie beside this file"
    ):
        rubric.copy(path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
