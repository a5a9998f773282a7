"""An import on its way: one long activity with a heartbeat, taken over by another worker when its own dies."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import take_in
    from models.messages import ImportStart, TakeImportInput, TakeImportResult
    from workflows import names


@workflow.defn(name="Import")
class ImportWorkflow:
    """One file of facts that came from elsewhere (S3)."""

    @workflow.run
    async def run(self, start: ImportStart) -> TakeImportResult:
        """Have every line taken or refused; a repeated attempt goes on where the last one ended, at the same time."""
        return await workflow.execute_activity(
            take_in,
            TakeImportInput(start.id, workflow.now()),
            start_to_close_timeout=names.IMPORT_TIMEOUT,
            heartbeat_timeout=names.IMPORT_HEARTBEAT,
            retry_policy=names.RECORD_RETRY,
            summary=f"import {start.id}",
        )
