"""Becomes another program that dies with its supervisor, even when that one is killed without warning.

Run as a script before the program itself: `python -I -S die_with_parent.py <supervisor's pid> <program> <arguments…>`.
A function between fork and exec would do the same, but must not be used in a process that has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for SIGKILL when the parent dies, then become the program."""
    supervisor, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        sys.exit("the supervisor died before its child began")
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
