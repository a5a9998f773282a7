"""A site's mailbox for mail in, watched for ever: turn after turn of one long activity."""

from dataclasses import replace

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import watch_inbox
    from models.messages import InboxStart, WatchInboxResult
    from workflows import names


@workflow.defn(name="Inbox")
class InboxWorkflow:
    """Ends where nothing is configured to be watched any more; the sweep begins it anew when there is."""

    @workflow.run
    async def run(self, start: InboxStart) -> int:
        """Have the mailbox watched; returns how many messages were taken since it last began anew."""
        taken = turns = 0
        while (watched := await self._watch(start)).goes_on:
            taken, turns = taken + watched.taken, turns + 1
            workflow.set_current_details(f"{taken} messages taken in this run.")
            if turns >= _TURNS or workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(replace(start, turns=start.turns + turns))
        return taken + watched.taken

    async def _watch(self, start: InboxStart) -> WatchInboxResult:
        return await workflow.execute_activity(
            watch_inbox,
            start,
            start_to_close_timeout=names.INBOX_TURN,
            heartbeat_timeout=names.INBOX_HEARTBEAT,
            retry_policy=names.INBOX_RETRY,
            task_queue=names.MAIL,
            summary=f"mail in · {start.site}",
        )


_TURNS = 100
