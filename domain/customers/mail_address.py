"""What is a mail address. Pure: nobody is asked whether it is reached."""

from email_validator import EmailNotValidError, validate_email


def is_mail_address(text: str) -> bool:
    """Whether somebody could be written to at this text, which is an address and nothing else.

    Letters beyond ASCII are allowed on both sides; names that lead nowhere (`.invalid`, `localhost`) are not.

    >>> [is_mail_address(one) for one in ("kim@kunde.example", "jörg@müller.de", "Kim <kim@x.de>", "a..b@x.de")]
    [True, True, False, False]
    """
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
