"""How late a mail may be before somebody hears of it."""

from domain.staff.mail_patience import GIVEN_UP_AFTER, told_after


def test_a_customer_s_mail_is_missed_no_later_than_one_of_the_staff() -> None:
    assert told_after(customer=True) <= told_after(customer=False) < GIVEN_UP_AFTER
