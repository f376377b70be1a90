"""The system calls that a fenced program may not make, as a filter for the kernel (seccomp).

Like all that runs beside a student's program it stands alone: standard library only.
"""

from __future__ import annotations

import errno
import platform
import struct

INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter: code, jump if true, if false, operand
# include/uapi/linux/bpf_common.h: load a word; jump if equal, greater or equal, any bit set; and
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
X32 = 0x40000000  # numbers from here on are another set of calls of the same x86 processor

# Architecture of include/uapi/linux/audit.h, and the place of its numbers below.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

FORBIDDEN = {
    # other processes' memory and descriptors
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "perf_event_open": (298, 241),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # parts of the kernel that chats do not need, and attacks do
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "personality": (135, 92),
    # memory that no limit of a process counts, and that outlives it
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    # the machine
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
}
ONLY_ON_X86 = {"modify_ldt": 154, "iopl": 172, "ioperm": 173}
# Looked at more closely.
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
IOCTL, PRCTL = (16, 29), (157, 167)
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC; NEWUSER, NEWPID and NEWNET together
NAMESPACES = (
    0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
)
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
KINDS = (1, 2, 5)  # SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET
KIND_BITS = 0xF  # the rest of a socket's type are SOCK_NONBLOCK and SOCK_CLOEXEC
TYPE_FOR_ANOTHER = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
HIDE_FROM_PROC = 4  # PR_SET_DUMPABLE: whoever grades must see what the threads wait for


def available() -> bool:
    """Return whether the numbers of this processor's system calls are known."""
    return platform.machine() in MACHINES


def program() -> bytes:
    """Return the filter for this machine, an array of `struct sock_filter`.

    Raises:
        KeyError: the processor is unknown, see `available`.
    """
    architecture, place = MACHINES[platform.machine()]
    code = _load(ARCHITECTURE) + _unless(EQUAL, architecture, KILL) + _load(NUMBER)
    if place == 0:
        code += _if(AT_LEAST, X32, FAIL | errno.ENOSYS)
        code += b"".join(_if(EQUAL, n, FAIL | errno.EPERM) for n in ONLY_ON_X86.values())
    for numbers in FORBIDDEN.values():
        code += _if(EQUAL, numbers[place], FAIL | errno.EPERM)
    # Its flags lie in memory, where a filter cannot look; C libraries then use clone().
    code += _if(EQUAL, CLONE3[place], FAIL | errno.ENOSYS)
    code += _of(CLONE[place], _load_argument(0) + _if(ANY_BIT, NAMESPACES, FAIL | errno.EPERM))
    code += _of(SOCKET[place], _only_chats())
    typing = b"".join(_if(EQUAL, request, FAIL | errno.EPERM) for request in TYPE_FOR_ANOTHER)
    code += _of(IOCTL[place], _load_argument(1) + typing)
    code += _of(PRCTL[place], _load_argument(0) + _if(EQUAL, HIDE_FROM_PROC, FAIL | errno.EPERM))
    return code + _return(ALLOW)


def _only_chats() -> bytes:
    """Return what refuses a socket() of another family, or of a kind below TCP and UDP."""
    families = _one_of(FAMILIES, FAIL | errno.EAFNOSUPPORT)
    kind = INSTRUCTION.pack(AND, 0, 0, KIND_BITS)
    return (
        _load_argument(0) + families + _load_argument(1) + kind + _one_of(KINDS, FAIL | errno.EPERM)
    )


def _load(offset: int) -> bytes:
    return INSTRUCTION.pack(LOAD, 0, 0, offset)


def _load_argument(number: int) -> bytes:
    return _load(ARGUMENTS + 8 * number)  # the lower half: all that are looked at are ints


def _return(value: int) -> bytes:
    return INSTRUCTION.pack(RETURN, 0, 0, value)


def _if(how: int, operand: int, value: int) -> bytes:
    return INSTRUCTION.pack(how, 0, 1, operand) + _return(value)


def _unless(how: int, operand: int, value: int) -> bytes:
    return INSTRUCTION.pack(how, 1, 0, operand) + _return(value)


def _one_of(operands: tuple[int, ...], value: int) -> bytes:
    """Return what goes on if the word loaded is one of `operands`, and else returns `value`."""
    last = len(operands)
    tests = [INSTRUCTION.pack(EQUAL, last - n, 0, word) for n, word in enumerate(operands)]
    return b"".join(tests) + _return(value)


def _of(number: int, code: bytes) -> bytes:
    """Return `code` for one system call, which then is allowed; others skip it."""
    code += _return(ALLOW)
    return INSTRUCTION.pack(EQUAL, 0, len(code) // INSTRUCTION.size, number) + code
