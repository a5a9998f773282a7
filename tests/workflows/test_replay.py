"""Histories that were recorded from a real server replay on today's code: tickets that sleep for months wake up."""

import base64
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.customer import CustomerWorkflow
from workflows.digest import DigestWorkflow
from workflows.importing import ImportWorkflow
from workflows.inbox import InboxWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.payloads import DATA_CONVERTER
from workflows.sweep import SweepWorkflow
from workflows.ticket import TicketWorkflow
from workflows.webhook import WebhookWorkflow

HISTORIES = sorted((Path(__file__).parents[1] / "histories").glob("*.json"))
WORKFLOWS = [
    TicketWorkflow,
    CustomerWorkflow,
    MailboxWorkflow,
    InboxWorkflow,
    SweepWorkflow,
    DigestWorkflow,
    ImportWorkflow,
    WebhookWorkflow,
]


def test_every_workflow_has_a_recorded_history() -> None:
    kinds = {
        json.loads(path.read_text(encoding="utf-8"))["events"][0]["workflowExecutionStartedEventAttributes"][
            "workflowType"
        ]["name"]
        for path in HISTORIES
    }
    assert kinds == {"Ticket", "Customer", "Mailbox", "Inbox", "Sweep", "Digest", "Import", "Webhook"}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER)
    history = WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None


async def test_history_that_does_not_belong_to_the_code_is_found_out() -> None:
    """The replay tests can fail: without its first activity a history no longer fits."""
    (path,) = [path for path in HISTORIES if path.stem == "ticket_handled_and_closed"]
    content = json.loads(path.read_text(encoding="utf-8"))
    for event in content["events"]:
        if "activityTaskScheduledEventAttributes" in event:
            event["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "other"
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER)
    history = WorkflowHistory.from_json(path.stem, json.dumps(content))
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is not None


async def test_mailbox_that_began_before_its_runs_were_bounded_goes_on_as_it_did() -> None:
    """Its history has more signals than a run may have today, and no new run after them."""
    (path,) = [path for path in HISTORIES if path.stem == "mailbox_delivered"]
    content = json.loads(path.read_text(encoding="utf-8"))
    (started,) = content["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    bounded = json.loads(base64.b64decode(started["data"])) | {"most_signals": 1}
    started["data"] = base64.b64encode(json.dumps(bounded).encode()).decode()
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER)
    history = WorkflowHistory.from_json("mailbox_delivered", json.dumps(content))
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None
