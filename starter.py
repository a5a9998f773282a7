"""The command line: simulate, setup, ticket, import, up. Knows nothing but how a process begins and ends."""

import gc
import os
import sys

from commandline.entry import run


def main() -> None:
    """Run one command and leave at once: a Temporal client that is torn down with the interpreter may crash it.

    Pitfall 17 of the SDK: seven to twenty-five of a hundred short processes died at exit, with a wrong exit code.
    """
    code = run(sys.argv[1:])
    gc.collect()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or 1
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
