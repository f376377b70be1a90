"""Whose is what, told by names alone."""

from __future__ import annotations

import pytest

from autograder.intake.division import divide
from autograder.intake.members import Member


def shares(*paths, is_folder=True, name="downloads"):
    """Return name → paths of the works that are in a folder with these files."""
    members = [
        Member(tuple(path.strip("/").split("/")), path, path.endswith("/")) for path in paths
    ]
    return {
        share.name: [member.path for member in share.members if not member.is_folder]
        for share in divide(members, name, is_folder)
    }


@pytest.mark.parametrize(
    "paths",
    [
        ["server.py", "client.py"],
        ["lab/server.py", "lab/client.py"],
        ["server/server.py", "client/client.py"],
        ["a/b/c/server.py"],
        ["main.py", "chat/server.py", "talk/client.py"],
        ["level1/server.py", "level2/server.py"],
        ["Задание 1/server.py", "Задание 2/server.py"],
        ["program/server.py", "pictures/a.png", "report.docx"],
        ["repo/two_users/server.py", "repo/multi user/server.py", "repo/README.md"],
        ["server.zip", "client.zip"],
        ["server.py", "Anna/server.py", "Anna/client.py", "Boris/server.py", "Boris/client.py"],
        ["main.py", "Anna/server.py", "Anna/client.py", "Boris/server.py", "Boris/client.py"],
        ["helpers.py", "net/server.py", "net/client.py", "gui/window.py"],
        ["v1/server.py", "v1/client.py", "v2/server.py", "v2/client.py"],
        ["run.py", "старая/server.py", "старая/client.py", "новая/server.py", "новая/client.py"],
        [],
    ],
)
def test_one_work(paths):
    assert shares(*paths) == {"downloads": paths}


def test_a_script_of_who_looks_after_the_class_is_nobodys():
    anna, boris, vera = ("Anna/lab/server.py", "Anna/lab/client.py"), "Борис.zip", "Vera/notes.py"
    found = shares("statistics.py", *anna, boris, vera)
    assert found.keys() == {"Anna", "Борис", "Vera"}


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["anna/server.py", "boris/server.py"], ["anna", "boris"]),
        (["all/anna/server.py", "all/boris/lab/server.py"], ["anna", "boris"]),
        (["anna.zip", "Борис.tar.gz", "grades.csv"], ["anna", "Борис"]),
        (["anna.zip", "boris/server.py", "zoya.rar"], ["anna", "boris", "zoya"]),
        (["anna/server.py", "boris/server.py", "empty/"], ["anna", "boris", "empty"]),
        (["anna/server.py", "boris/server.py", "zoya/report.docx"], ["anna", "boris", "zoya"]),
        (["anna.zip"], ["anna"]),
    ],
)
def test_a_work_for_each(paths, names):
    assert list(shares(*paths)) == names


def test_a_folder_and_an_archive_of_one_name_are_two_works():
    members = [Member(("anna", "server.py"), 1), Member(("anna.zip",), 2), Member(("b.zip",), 3)]
    assert [share.name for share in divide(members, "x", True)] == ["anna", "anna", "b"]


def test_an_archive_in_an_archive_is_the_work_itself():
    assert shares("lab4.zip", is_folder=False, name="anna") == {"anna": ["lab4.zip"]}


def test_moodle_as_folders():
    found = shares(
        "Иванов Иван_12345_assignsubmission_file_/server.py",
        "Иванов Иван_12345_assignsubmission_onlinetext_/onlinetext.html",
        "O'Neil_Sean Jr_7_assignsubmission_file/lab/server.py",
    )
    assert found == {
        "Иванов Иван": ["server.py", "onlinetext/onlinetext.html"],
        "O'Neil_Sean Jr": ["lab/server.py"],
    }


def test_moodle_as_files():
    found = shares(
        "Anna Li_1_assignsubmission_file_server.py", "Anna Li_1_assignsubmission_file_client.py"
    )
    assert found == {"Anna Li": ["server.py", "client.py"]}


def test_a_single_moodle_folder_is_not_taken_for_a_wrapping():
    members = [Member(("Anna Li_12_assignsubmission_file_", "server.py"), 1)]
    [share] = divide(members, "x", True)
    assert (share.name, share.participant) == ("Anna Li", "12")


def test_moodle_that_hides_names():
    found = shares(
        "Участник_11_assignsubmission_file_/server.py",
        "Участник_12_assignsubmission_file_/server.py",
    )
    assert list(found) == ["Участник 11", "Участник 12"]


def test_canvas():
    members = [
        Member((name,), name)
        for name in (
            "ivanovivan_LATE_12345_67890_server.py",
            "ivanovivan_LATE_12345_67891_client-1.py",
            "petrov_12346_67892_lab4.zip",
        )
    ]
    ivanov, petrov = divide(members, "x", True)
    assert (ivanov.name, ivanov.participant) == ("ivanovivan", "12345")
    assert [member.path for member in ivanov.members] == ["server.py", "client.py"]
    assert (petrov.name, petrov.participant) == ("petrov", "12346")
    assert [member.path for member in petrov.members] == ["lab4.zip"]


def test_numbers_at_the_end_stay_where_they_tell_files_apart():
    found = shares("ivanov_1_2_lab-1.py", "ivanov_1_3_lab-2.py", "ivanov_1_4_wire-1.py")
    assert found == {"ivanov": ["lab-1.py", "lab-2.py", "wire.py"]}


def test_origins_and_faults_go_along():
    members = [
        Member(("anna", "server.py"), "origin", fault="bad", packed=7),
        Member(("boris", "server.py"), ""),
    ]
    [member] = divide(members, "x", False)[0].members
    assert (member.origin, member.fault, member.packed) == ("origin", "bad", 7)
