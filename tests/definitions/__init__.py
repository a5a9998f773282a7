"""Every definition that was ever shipped: tickets are pinned to them, so each must be read and counted for ever.

`python -m tests.definitions` keeps what is shipped today and is not kept yet.
"""

from pathlib import Path

from processes.loader import SHIPPED

KEPT = Path(__file__).parent
FOLDERS = {"processes": ".", "presets": "presets", "catalogues": "catalogues", "digests": "digests"}
FOLDERS |= {"calendars": "calendars"}
"""The folders in which they are kept, and those of the shipped ones below `processes`."""


def kept(folder: str) -> list[Path]:
    """Return the files that are kept in a folder."""
    return sorted((KEPT / folder).glob("*.toml"))


def not_kept() -> dict[Path, Path]:
    """Return the shipped files that are not kept yet, and where each would be."""
    missing = {}
    for folder, shipped in FOLDERS.items():
        known = {path.read_text(encoding="utf-8") for path in kept(folder)}
        for path in sorted((SHIPPED / shipped).glob("*.toml")):
            if path.read_text(encoding="utf-8") not in known:
                numbers = [int(one.stem.rpartition("-")[2]) for one in (KEPT / folder).glob(f"{path.stem}-*.toml")]
                missing[path] = KEPT / folder / f"{path.stem}-{max(numbers, default=0) + 1}.toml"
    return missing
