"""How much this release's workflow code knows, and which changes wait until every worker knows them.

A workflow that took a change cannot go on at a worker from before it. So a change of the commands that a workflow asks
for stands behind `workflow.patched("its-name")`, with the revision that brought it here; as long as a worker of an
older revision works, no workflow takes it.
"""

REVISION = 2
"""Raised with every entry of PATCHES."""
PATCHES: dict[str, int] = {"bounded-attempts": 2, "webhook-rolls-over": 2}
"""The revision that brought each change."""


def may_take(patch: str, oldest: int | None) -> bool:
    """Whether a workflow may take a change: every worker knows it. `oldest` is the lowest revision at work."""
    return oldest is not None and PATCHES.get(patch, REVISION) <= oldest
