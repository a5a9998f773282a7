"""The sweep: starts what a crash left unstarted. A schedule runs it twice a minute."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.signatures import sweep


@workflow.defn(name="Sweep")
class SweepWorkflow:
    """One sweep through the ledger."""

    @workflow.run
    async def run(self) -> int:
        """Start what is missing; returns how many tickets and mailboxes were asked to start."""
        swept = await workflow.execute_activity(
            sweep,
            workflow.now(),
            start_to_close_timeout=timedelta(minutes=5),
            summary="start what a crash left behind",
        )
        if isinstance(swept, int):
            return swept
        if swept.failed:
            workflow.set_current_details(
                f"⛔ {swept.failed} of {swept.asked} could not be asked; the worker's log names them."
            )
        return swept.asked
