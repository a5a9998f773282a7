"""What a person at the command line reads when something is wrong: one line, and exit code 2."""


class Failure(Exception):
    """Something that was typed, or that is missing around us; the message is one clear sentence."""
