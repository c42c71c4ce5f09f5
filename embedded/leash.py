"""Becomes a command that runs as another account and ends when the process that started it does.

Called as `python -I -S leash.py PARENT SIGNAL UID:GID COMMAND...`, with "-" for the same account and the
command's full path. It is a program of its own because Linux forgets the wish to die with the parent when
a process changes its account, so the order matters; and because code between fork and exec is not safe
beside threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(*, parent: int, signal_number: int) -> None:
    """Ask Linux for `signal_number` when `parent`'s starting thread ends; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the wish was heard
            sys.exit(1)


def become(account: str) -> None:
    """Take on `uid:gid`, and no other group. Stays as it is for "-"."""
    if account == "-":
        return
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main() -> None:
    """Read the arguments, then become the command; returns only by an error."""
    parent, signal_number, account, *command = sys.argv[1:]
    become(account)
    die_with_parent(parent=int(parent), signal_number=int(signal_number))
    # Not execvp: searching the path imports more of Python, which the account may not be able to read.
    os.execv(command[0], command)  # noqa: S606  -- an argument list, so no shell is wanted


if __name__ == "__main__":
    main()
