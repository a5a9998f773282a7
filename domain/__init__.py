"""The rules of the office: pure functions of facts, definitions and calendars. No I/O, no Temporal, no clock."""

import zoneinfo

# Time zones come from the pinned tzdata package: the machine's own files would answer differently from site to site.
zoneinfo.reset_tzpath(())
