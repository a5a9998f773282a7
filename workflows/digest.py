"""A list on its way: one activity, started by a schedule at a time of day in a site's zone."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from activities.signatures import write_lists
    from models.messages import ListStart, WriteListInput
    from workflows import names

_SCHEDULED = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""For when a schedule meant it; after an outage that is earlier than now."""


@workflow.defn(name="Digest")
class DigestWorkflow:
    """One list of one site."""

    @workflow.run
    async def run(self, start: ListStart) -> int:
        """Have the list written; returns to how many people."""
        scheduled_at = workflow.info().typed_search_attributes.get(_SCHEDULED) or workflow.info().start_time
        return await workflow.execute_activity(
            write_lists,
            WriteListInput(start.site, start.code, scheduled_at, workflow.now()),
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=names.RECORD_RETRY,
            summary=f"{start.code} · {start.site}",
        )
