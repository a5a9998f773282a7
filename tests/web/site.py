"""A builder's projects in the shop: one in every corner of the chain, at the shop's standing clock."""

from datetime import datetime, timedelta

from domain.ticket.facts import Closed, MilestoneSet, PartnerChosen, PhaseDone, PhaseSkipped
from tests.office import berlin
from tests.web.shop import Shop


def project(shop: Shop, subject: str = "Dachausbau Lindenweg 4", at: str = "2027-02-01 10:00") -> int:
    """Have somebody ask for a building project; returns the ticket's number."""
    return shop.inquiry(subject, at=berlin(at), customer="Familie Aydın", process="statuskette")


_MONDAY = berlin("2027-03-01 09:00")


def project_in_sales(shop: Shop, at: datetime = _MONDAY) -> int:
    """Return a project whose order was placed two hours after it came in; nobody has filled in anything."""
    number = shop.inquiry("Dachausbau Lindenweg 4", at=at, customer="Familie Aydın", process="statuskette")
    shop.passes_gate(number, "intake_complete", at)
    for _ in range(2):
        shop.happens(number, PhaseDone(), at + timedelta(hours=1))
    shop.happens(number, MilestoneSet("order_placed"), at + timedelta(hours=2), text="Auftrag per Fax.")
    return number


def project_in_planning(shop: Shop) -> int:
    """Return a project whose order was placed on a Monday; the survey was skipped, the start is not planned yet."""
    number = project(shop)
    shop.passes_gate(number, "intake_complete", berlin("2027-02-01 11:00"))
    shop.happens(number, PhaseDone(), berlin("2027-02-02 15:00"))
    shop.happens(number, PhaseSkipped(), berlin("2027-02-03 09:00"), text="Der Kunde bringt ein Angebot mit.")
    shop.happens(number, MilestoneSet("quote_submitted"), berlin("2027-02-03 09:10"))
    shop.passes_gate(number, "sales_to_project", berlin("2027-02-05 16:00"), to="mia")
    shop.happens(number, MilestoneSet("order_placed"), berlin("2027-03-01 10:00"), text="Auftrag per Fax.")
    return number


def project_overdue(shop: Shop) -> int:
    """Return a project in its information phase that was due last week, surveyed yesterday."""
    number = project(shop, "Wintergarten Ahornstraße", "2027-02-22 10:00")
    shop.passes_gate(number, "intake_complete", berlin("2027-02-22 12:00"))
    shop.happens(number, MilestoneSet("site_survey"), berlin("2027-03-01 10:00"))
    shop.passes(number)
    return number


def project_with_new_partner(shop: Shop) -> int:
    """Return a project in execution with a partner who did one job before; it is to be delivered in April."""
    number = project_in_planning(shop)
    shop.happens(number, MilestoneSet("construction_start", berlin("2027-03-15 00:00")), berlin("2027-03-01 10:20"))
    shop.happens(number, PartnerChosen(1), berlin("2027-03-01 10:30"), text="Zimmerei Huber")
    shop.happens(number, PhaseDone(), berlin("2027-03-02 09:30"))
    shop.happens(number, MilestoneSet("project_delivered", berlin("2027-04-30 00:00")), berlin("2027-03-02 09:40"))
    return number


def project_archived(shop: Shop) -> int:
    """Return a project that ended in the information phase."""
    number = project(shop, "Carport")
    shop.passes_gate(number, "intake_complete", berlin("2027-02-01 11:00"))
    shop.happens(number, Closed("misunderstanding"), berlin("2027-02-02 11:00"), text="Wir bauen keine Fertigcarports.")
    return number
