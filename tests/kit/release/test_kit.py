"""What is taken for the grader, and what only lies beside it."""

from autograder.release import kit


def test_what_lies_beside_the_grader_is_not_handed_out(tmp_path, monkeypatch):
    parts = ["cli.py", "grading/__init__.py", "grading/plugin.py", "locale/ru/lab4.mo"]
    others = ["exam.toml", "own/test_secret.py", "grading/plugin.py~", "locale/ru/lab4.po"]
    never = ["trust/__init__.py", "trust/corpus.py", "stubs.py", "intake/__init__.py"]
    for name in (*parts, *others, *never):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(kit, "GRADER", tmp_path)
    assert sorted(kit.grader(["intake"])) == sorted(f"autograder/{name}" for name in parts)


def test_the_words_of_a_part_speak_the_language_in_force():
    script = kit.part("gradescope")["run_autograder"]
    assert b"LAB4_LANG=en\n" in script
    assert script.startswith(b"#!")
