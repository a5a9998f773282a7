"""SL-05: shares of channels and of automatic answers, week by week and category by category."""

from datetime import date

from domain.service.automation_share import Contact, Share, by_category, share, weeks

MONDAY = date(2027, 3, 1)


def contact(day: int, channel: str = "mail", category: str = "", by: str = "people") -> Contact:
    """Return a contact of a day in March."""
    return Contact(date(2027, 3, day), channel, category, by)


def test_sl_05_share_counts_both_degrees_of_automation() -> None:
    answered = [contact(1, by=by) for by in ("automatic", "semi-automatic", "people", "", "automatic")]
    assert share(answered) == Share(5, 2, 1)
    assert (share(answered).percent, share([]).percent) == (60, 0)


def test_weeks_begin_on_monday_and_empty_ones_are_told() -> None:
    told = weeks([contact(1), contact(7, "phone"), contact(8), contact(22), contact(29)], MONDAY, date(2027, 3, 24))
    assert [(week.monday.day, dict(week.channels)) for week in told] == [
        (1, {"mail": 1, "phone": 1}),
        (8, {"mail": 1}),
        (15, {}),
        (22, {"mail": 1}),
    ]
    assert [week.share.contacts for week in told] == [2, 1, 0, 1]


def test_categories_come_largest_first_and_the_unrecognised_counts_too() -> None:
    found = by_category([contact(1), contact(1, category="b"), contact(2, category="a", by="automatic"), contact(3)])
    assert list(found.items()) == [("", Share(2)), ("a", Share(1, 1)), ("b", Share(1))]
