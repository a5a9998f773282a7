"""A ticket: one inquiry, order or service case as a workflow of its own."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.messages import TicketStart
    from workflows.case import Case


@workflow.defn(name="Ticket")
class TicketWorkflow(Case):
    """One inquiry, order or service case, from receipt to closing."""

    @workflow.init
    def __init__(self, start: TicketStart) -> None:
        """Take up the state another run left, or begin."""
        super().__init__(start)

    @workflow.run
    async def run(self, _start: TicketStart) -> str:
        """Wait and record until the ticket is closed; returns the light it ended with."""
        return await self.live()
