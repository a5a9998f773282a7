"""Customers in the shop: one in every corner of the life cycle, at the shop's standing clock."""

from dataclasses import dataclass

from domain.ticket.customer_facts import (
    Acknowledged,
    AppointmentBooked,
    Invited,
    OfferSent,
    PackageBooked,
    Tagged,
    TaskAssigned,
    TaskPosted,
    Watched,
)
from domain.ticket.facts import Closed
from tests.office import berlin
from tests.web.shop import Shop


@dataclass(frozen=True)
class Cast:
    """The customers by what they are, as their numbers."""

    lead: int
    called: int
    first: int
    waiting: int
    second: int
    third: int
    regular: int
    invited: int
    no_show: int
    left: int


CAST = Cast(*range(12, 22))
"""Their numbers in the busy shop, which has eleven customers with tickets before them."""


def customers_of_every_stage(shop: Shop) -> Cast:
    """Have customers everywhere: ina's, but for the one with an appointment, whom sales looks after."""
    cast = Cast(
        lead=shop.registers("Lea Lead", at=berlin("2027-03-01 09:30"), email="lea@lead.example", company="Lead & Co"),
        called=shop.registers("Theo Termin", at=berlin("2027-02-26 10:00"), phone="+49 30 777"),
        first=shop.registers("Erna Erst", at=berlin("2027-02-22 10:00"), key="EXT-77"),
        waiting=shop.registers("Willi Wartet", at=berlin("2027-02-15 10:00"), company="Wartet GmbH"),
        second=shop.registers("Zoe Zweit", at=berlin("2027-01-11 10:00")),
        third=shop.registers("Dario Dritt", at=berlin("2026-11-02 10:00")),
        regular=shop.registers("Rita Stamm", at=berlin("2026-06-01 10:00"), company="Stamm AG"),
        invited=shop.registers("Ida Eingeladen", at=berlin("2027-02-22 11:00")),
        no_show=shop.registers("Nora Fort", at=berlin("2026-12-14 10:00")),
        left=shop.registers("Ludwig Weg", at=berlin("2026-12-01 10:00")),
    )
    shop.lives(cast.called, AppointmentBooked(), berlin("2027-03-01 10:00"), by="dora")
    shop.lives(cast.first, PackageBooked(5), berlin("2027-02-26 17:30"))
    shop.lives(cast.waiting, PackageBooked(10), berlin("2027-02-16 10:00"))
    shop.lives(cast.waiting, TaskPosted("T-100"), berlin("2027-02-24 10:00"))
    _books(shop, cast.second, ("2027-01-12 10:00", 5))
    shop.lives(cast.second, Acknowledged(), berlin("2027-02-22 09:00"))
    shop.lives(cast.second, PackageBooked(50), berlin("2027-02-26 17:30"))
    _books(shop, cast.third, ("2026-11-03 10:00", 10), ("2026-12-07 10:00", 10), ("2027-02-25 10:00", 10))
    first_year = ("2026-06-02 10:00", 20), ("2026-08-03 10:00", 20), ("2026-10-05 10:00", 20), ("2027-01-11 10:00", 20)
    _books(shop, cast.regular, *first_year)
    shop.lives(cast.regular, OfferSent(), berlin("2027-02-17 09:00"))
    shop.lives(cast.regular, Tagged("A"), berlin("2027-02-17 10:00"))
    shop.lives(cast.regular, Watched(), berlin("2027-02-17 11:00"), text="Großer Kunde, enger im Auge behalten.")
    shop.lives(cast.regular, Acknowledged(), berlin("2027-02-22 09:00"))
    shop.lives(cast.third, Acknowledged(), berlin("2027-03-01 09:00"))
    shop.lives(cast.invited, Invited(), berlin("2027-02-22 11:05"))
    shop.lives(cast.no_show, PackageBooked(5), berlin("2026-12-18 10:00"))
    shop.lives(cast.left, Closed("left"), berlin("2026-12-02 10:00"))
    for customer in vars(cast).values():
        if customer != cast.left:
            shop.passes(shop.life(customer))
    return cast


def _books(shop: Shop, customer: int, *bookings: tuple[str, int]) -> None:
    """Have a customer book packages; the first task comes with the first one and is assigned to vera."""
    for n, (at, size) in enumerate(bookings):
        shop.lives(customer, PackageBooked(size), berlin(at))
        if n == 0:
            shop.lives(customer, TaskPosted(f"T-{customer}"), berlin(at))
            shop.lives(customer, TaskAssigned(f"T-{customer}", "vera"), berlin(at))
