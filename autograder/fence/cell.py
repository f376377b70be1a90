"""Where one fenced program runs: processes, mounts and files of its own, gone when it ends (Linux).

Made by a fork of the zygote, inside bubblewrap:
1. The fork is the first process of new process and mount namespaces. It mounts empty file systems
   on WORK, /tmp and /dev/shm, copies the submission to WORK and takes away /proc.
2. It forks once more: that is the program. The first process waits for it, and watches over what
   the whole family uses, by a /proc that nobody else can open.
3. When it ends, the kernel kills all that is left in the namespace, whatever that has done to
   survive, and nothing is left to the next program.
So the zygote stays warm, and still no program can reach it, or another's cell. On two idle cores a
server listens after 16 ms, without a fence after 11; a bubblewrap and a Python of its own for each
would take over 70.

Like all that runs beside a student's program it stands alone: standard library only.
"""

from __future__ import annotations

import json
import os
import signal

from autograder.fence.confine import PR_SET_DUMPABLE, call

WORK = "/work"  # where a fenced program finds itself
DISKS = {WORK: 64 << 20, "/tmp": 64 << 20, "/dev/shm": 64 << 20}  # bytes
MOST_MEMORY = 512 << 20  # bytes of one program and all its children
MOST_PROCESSES = 128  # of these; threads are not counted here
LOOK_EVERY_S = 0.05
COPIED = 1 << 20  # bytes at a time
CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
MS_NOSUID, MS_NODEV, MNT_DETACH = 2, 4, 2
# The same numbers on all processors.
SYS_FSOPEN, SYS_FSCONFIG, SYS_FSMOUNT = 430, 431, 432
FSCONFIG_CMD_CREATE = 6
PAGE = os.sysconf("SC_PAGE_SIZE")


def fork_first() -> int:
    """Fork the first process of new namespaces; return as `os.fork` does."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    call("unshare", CLONE_NEWPID)
    pid = os.fork()
    if pid:
        call("setns", own, CLONE_NEWPID)  # this process was not in them, but its forks would be
    os.close(own)
    return pid


def enter(status: int, report: int, submission: int, uid: int | None) -> None:
    """Furnish the cell and return as the program; the first process stays in here.

    Args:
        status: The program's exit status is written to it, as `subprocess` counts it.
        report: Where it is told, as the launcher does, why the program had to be killed.
        submission: The folder that is copied; it is closed.
        uid: Whose the copy is; None for ours.
    """
    processes = _furnish(submission, uid)
    os.close(submission)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    program = os.fork()
    if program == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        os.close(processes)
        return
    try:
        status, report, processes = _only(status, report, processes)
        _watch_over(program, processes, status, report)
    finally:
        os._exit(1)  # whatever happens: it must not come back as if it were the program


def _only(*descriptors: int) -> list[int]:
    """Close all other descriptors: while they are open, no reader of a pipe sees its end."""
    above = [os.dup2(descriptor, 1000 + n) for n, descriptor in enumerate(descriptors)]
    os.closerange(0, 1000)
    return above


def _furnish(submission: int, uid: int | None) -> int:
    """Give the first process its own mounts, with a copy of the submission.

    Returns:
        A descriptor of a /proc of this namespace, which is mounted nowhere.
    """
    call("unshare", CLONE_NEWNS)
    context = call("syscall", SYS_FSOPEN, b"proc", 0)
    call("syscall", SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, None, None, 0)
    mount = call("syscall", SYS_FSMOUNT, context, 0, 0)
    processes = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=mount)
    os.close(mount)
    os.close(context)
    call("umount2", b"/proc", MNT_DETACH)
    for folder, size in DISKS.items():
        options = f"size={size},nr_inodes=10000,mode=1777".encode()
        call("mount", b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options)
    work = os.open(WORK, os.O_RDONLY | os.O_DIRECTORY)
    _copy(submission, work, uid)
    os.close(work)
    return processes


def _copy(source: int, target: int, uid: int | None) -> None:
    """Copy folders and plain files; a link could lead out of the fence."""
    if uid is not None:
        os.chown(target, uid, uid)
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.mkdir(entry.name, dir_fd=target)
                inner = os.open(entry.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=source)
                copy = os.open(entry.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=target)
                _copy(inner, copy, uid)
                os.close(inner)
                os.close(copy)
            elif entry.is_file(follow_symlinks=False):
                _copy_file(entry.name, source, target, uid)


def _copy_file(name: str, source: int, target: int, uid: int | None) -> None:
    read = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=source)
    write = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=target)
    while os.sendfile(write, read, None, COPIED):
        pass
    if uid is not None:
        os.fchown(write, uid, uid)
    os.close(read)
    os.close(write)


def _watch_over(program: int, processes: int, status: int, report: int) -> None:
    """Wait for the program, and end when it ends: so does all that it has left behind."""
    call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
    while True:
        signal.sigtimedwait([signal.SIGCHLD], LOOK_EVERY_S)
        if (ended := _reap(program)) is not None:
            os.write(status, str(ended).encode())
            os._exit(0)
        if excess := _excess(processes):
            told = {"event": "exception", "thread": "", "type": "LimitExceeded", "message": excess}
            os.write(report, json.dumps(told).encode() + b"\n")
            os.kill(-1, signal.SIGKILL)  # all but ourselves, before they are even more


def _reap(program: int) -> int | None:
    """Wait for all who have ended; return the program's exit status, None while it runs."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == program:
            return os.waitstatus_to_exitcode(status)
        if pid == 0:
            return None


def _excess(processes: int) -> str:
    """Return what the program and its children use too much of, empty if nothing."""
    family = [name for name in os.listdir(processes) if name.isdigit() and name != "1"]
    if len(family) > MOST_PROCESSES:
        return f"it had more than {MOST_PROCESSES} processes at once"
    # What a fork shares with its parent is counted twice, but for what all share with the zygote:
    # the exact way would wait for locks that a fork bomb holds.
    ours = _resident(processes, "1")
    used = sum(max(0, _resident(processes, pid) - ours) for pid in family)
    return f"it used more than {MOST_MEMORY >> 20} MB of memory" if used > MOST_MEMORY else ""


def _resident(processes: int, pid: str) -> int:
    """Return how many bytes of memory a process has; 0 if it has ended."""
    try:
        file = os.open(f"{pid}/statm", os.O_RDONLY, dir_fd=processes)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    try:
        return int(os.read(file, 4096).split()[1]) * PAGE
    except ProcessLookupError:  # it ended meanwhile
        return 0
    finally:
        os.close(file)
