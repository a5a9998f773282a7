"""The roles people have, and those that only a ticket can tell."""

from enum import StrEnum


class Role(StrEnum):
    """Whom a moment can speak to (AC-22).

    OWNER is the person on the ticket, GIVER and RECEIVER the two sides of a handover, ASSIGNEE who an open point
    belongs to, HELPER the assistant who works for a customer, CUSTOMER who waits for us; the rest are roles of people.
    The departments that meet at a gate are such roles.
    """

    OWNER = "owner"
    GIVER = "giver"
    RECEIVER = "receiver"
    ASSIGNEE = "assignee"
    HELPER = "helper"
    CUSTOMER = "customer"
    POOL = "pool"
    SALESPERSON = "salesperson"
    CASE_HANDLER = "case_handler"
    ASSISTANT = "assistant"
    DISPATCHER = "dispatcher"
    PROJECT_MANAGER = "project_manager"
    TECHNICIAN = "technician"
    SERVICE = "service"
    CONTROLLER = "controller"
    SENIOR_CONTROLLER = "senior_controller"
    ADMIN = "admin"


OF_A_TICKET = frozenset({Role.OWNER, Role.GIVER, Role.RECEIVER, Role.ASSIGNEE, Role.HELPER, Role.CUSTOMER})
"""The roles that nobody has for good."""
