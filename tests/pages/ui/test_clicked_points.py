"""What the clicked points of a chart carry, in the forms that Streamlit hands it over in."""

import pytest

from pages.ui.display.chart import clicked


@pytest.mark.parametrize(
    ("carried", "wanted"),
    [
        (0.5, [0.5]),
        ([1, 8], [1, 8]),
        ({"0": 1, "1": 8}, [1, 8]),
        ({str(place): place for place in range(12)}, list(range(12))),  # in order of numbers
        (None, []),
    ],
)
def test_every_form_is_a_list(carried: object, wanted: list[float]) -> None:
    state = {"selection": {"points": [{"customdata": carried}, {"customdata": carried}]}}
    assert clicked(state) == [wanted, wanted]


@pytest.mark.parametrize("state", [None, {}, {"selection": None}, {"selection": {"points": []}}])
def test_nothing_clicked_carries_nothing(state: object) -> None:
    assert clicked(state) == []
