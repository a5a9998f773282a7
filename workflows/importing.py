"""An import on its way: one long activity, which goes on where another worker died."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import take_import
    from models.messages import ImportAsked
    from workflows import names


@workflow.defn(name="Import")
class ImportWorkflow:
    """One file of facts that somebody sent."""

    @workflow.run
    async def run(self, import_id: int) -> None:
        """Have every line taken or refused."""
        await workflow.execute_activity(
            take_import,
            ImportAsked(import_id, workflow.now()),
            start_to_close_timeout=timedelta(hours=24),
            heartbeat_timeout=names.IMPORT_HEARTBEAT,
            retry_policy=names.RECORD_RETRY,
            summary=f"import {import_id}",
        )
