"""The signatures of the activities, as workflows see them; the classes beside this file do the work."""

from datetime import datetime

from temporalio import activity

from models.messages import (
    DeliverMailInput,
    DeliverMailResult,
    DeliverWebhookInput,
    DeliverWebhookResult,
    Entry,
    InboxStart,
    Recorded,
    SweepResult,
    TakeImportInput,
    TakeImportResult,
    WatchInboxResult,
    WriteListInput,
)


@activity.defn(name="record")
async def record(entry: Entry) -> Recorded:
    """Write one entry of a ticket into the ledger, and return how it stands."""
    raise NotImplementedError("implemented by activities.ledger.record.Ledger.record")


@activity.defn(name="empty_mailbox")
async def empty_mailbox(emptying: DeliverMailInput) -> DeliverMailResult:
    """Deliver what a mailbox may deliver now."""
    raise NotImplementedError("implemented by activities.mail.send.Post.empty_mailbox")


@activity.defn(name="deliver")
async def deliver(delivering: DeliverWebhookInput) -> DeliverWebhookResult:
    """Send what a webhook is owed now."""
    raise NotImplementedError("implemented by activities.webhooks.deliver.Webhooks.deliver")


@activity.defn(name="sweep")
async def sweep(at: datetime) -> SweepResult | int:
    """Start tickets and mailboxes that should run and may not; older workers return how many were asked."""
    raise NotImplementedError("implemented by activities.operation.sweep.Sweep.sweep")


@activity.defn(name="write_lists")
async def write_lists(asked: WriteListInput) -> int:
    """Write one list of a site into the mailboxes of those who have something to read."""
    raise NotImplementedError("implemented by activities.mail.digests.Digests.write_lists")


@activity.defn(name="take_in")
async def take_in(asked: TakeImportInput) -> TakeImportResult:
    """Take or refuse every line of an import that was neither yet."""
    raise NotImplementedError("implemented by activities.intake.imports.Imports.take_in")


@activity.defn(name="watch_inbox")
async def watch_inbox(start: InboxStart) -> WatchInboxResult:
    """Take what comes into a site's mailbox, for one turn."""
    raise NotImplementedError("implemented by activities.incoming.watching.Watching.watch_inbox")
