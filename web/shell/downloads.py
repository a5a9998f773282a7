"""What is served as a file to keep, never as a page of ours."""

from urllib.parse import quote


def disposition(name: str) -> str:
    """Return the header that names a download, in ASCII and as it is (RFC 5987)."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%;' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
