"""A customer's life as a workflow of its own: the waiting loop is a ticket's, the rules are those of its process."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.messages import TicketStart
    from workflows.case import Case


@workflow.defn(name="Customer")
class CustomerWorkflow(Case):
    """One customer, from lead to regular customer (S3)."""

    @workflow.init
    def __init__(self, start: TicketStart) -> None:
        """Take up the state another run left, or begin."""
        super().__init__(start)

    @workflow.run
    async def run(self, _start: TicketStart) -> str:
        """Wait and record until the customer has left; returns the light it ended with."""
        return await self.live()
