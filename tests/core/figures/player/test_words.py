"""What the player says of the end of a search and of its true neighbors, of results by hand."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from core.figures import player_script
from core.figures.player.words import apart, fate_words, stop_meaning, stop_words
from core.index import Stop
from core.studies import NEIGHBOR_FATES, Misses

NAN = float("nan")


def test_two_numbers_get_the_digits_that_tell_them_apart() -> None:
    assert apart(0.41234, 0.61671) == ("0.412", "0.617")
    assert apart(0.61683, 0.61671) == ("0.6168", "0.6167")
    assert apart(12.3456789, 12.3456779) == ("12.345679", "12.345678")
    assert apart(0.5, 0.5) == ("0.5", "0.5")


def test_a_search_stops_at_a_candidate_farther_than_the_farthest_kept() -> None:
    assert stop_words(Stop(7, 0.61683, 0.61671, 20, 20)) == (
        "Next candidate 0.6168 > farthest kept 0.6167, and the beam is full (20 of 20): stop."
    )
    assert stop_words(Stop(7, 1.5, 1.25, 1200, 1200)) == (
        "Next candidate 1.5 > farthest kept 1.25, and the beam is full (1,200 of 1,200): stop."
    )


def test_a_search_without_a_candidate_says_so() -> None:
    assert stop_words(Stop(-1, NAN, 0.7, 12, 20)) == (
        "No candidate is left: every row that had a place in the beam is expanded (it holds 12 of "
        "20). Stop."
    )


def test_the_end_is_said_without_the_terms_of_the_rule() -> None:
    words = (
        "Only links of nodes farther than all 1,200 kept are left to follow; it expects nothing "
        "nearer there."
    )
    assert stop_meaning(Stop(7, 1.5, 1.25, 1200, 1200), 1200) == words
    assert stop_meaning(Stop(7, 1.5, 1.25, 1200, 1200), 1199) == (
        f"{words} The beam holds ef = 1,199 and the query itself."
    )
    assert stop_meaning(Stop(-1, NAN, 0.7, 12, 20), 20) == ""


def test_distances_that_float64_does_not_part_are_no_claim() -> None:
    words = stop_words(Stop(7, 0.5, 0.5, 20, 20))
    assert ">" not in words
    assert words == (
        "Next candidate and farthest kept are both at 0.5 in float64; in float32, which the search "
        "compares, the candidate is farther, and the beam is full (20 of 20): stop."
    )


def misses(fate: str, smallest_ef: int, path: list[int]) -> Misses:
    """Of two neighbors the second has this fate."""
    nothing = np.empty(0, dtype=np.int64)
    return Misses(
        np.array(["found", fate]), np.array([12, smallest_ef]), 4096, (nothing, np.array(path))
    )


@pytest.mark.parametrize(
    ("fate", "smallest_ef", "path", "links_in", "words"),
    [
        ("found", 17, [], 5, "found; the smallest ef that returns it is 17"),
        (
            "never visited",
            51,
            [4, 8, 2],
            33,
            "missed: not visited: none of its 33 in-links was expanded; ef 51 finds it",
        ),
        (
            "never visited",
            -1,
            [4, 8, 2],
            1,
            "missed: not visited: its one in-link was not expanded; no ef up to 4,096 finds it",
        ),
        (
            "never visited",
            -1,
            [],
            0,
            "missed: not visited: no link leads to it; no walk along links leads to it, so no ef "
            "finds it",
        ),
        (
            "met on an upper layer",
            1200,
            [4, 2],
            2,
            "missed: met on the descent only; on layer 0 none of its 2 in-links was expanded; ef "
            "1,200 finds it",
        ),
        (
            "tie",
            15,
            [4, 2],
            3,
            "missed: as far as the last row returned, which took its place; ef 15 returns it in "
            "place of one as near",
        ),
        (
            "farther as stored",
            -1,
            [4, 2],
            3,
            "missed: visited, but others are nearer as the index stores them; no ef up to 4,096 "
            "finds it",
        ),
    ],
)
def test_each_fate_is_told_with_its_remedy(
    fate: str, smallest_ef: int, path: list[int], links_in: int, words: str
) -> None:
    assert fate_words(misses(fate, smallest_ef, path), 1, 20, links_in) == words


def test_every_fate_has_words() -> None:
    for fate in NEIGHBOR_FATES:
        assert fate_words(misses(fate, 30, [1, 2]), 1, 20, 3)


# ---- the same in the browser's code


def in_javascript(expression: str) -> object:
    """The value of an expression of the player's script, by Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js on this machine")
    script = f"{player_script()}\nconsole.log(JSON.stringify({expression}));"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_numbers_are_written_apart_in_the_browser_too() -> None:
    assert in_javascript("[apart(0.61683, 0.61671), apart(0.41234, 0.61671)]") == [
        ["0.6168", "0.6167"],
        ["0.412", "0.617"],
    ]
    assert in_javascript("[apart(12345.61, 12345.62), apart(0.5, 0.5), apart(12345, 12346)]") == [
        ["12,345.61", "12,345.62"],
        ["0.5", "0.5"],
        ["12,345", "12,346"],
    ]
    assert in_javascript("[written(2.75e-16), written(0.00001234), written(-0.5)]") == [
        "0",
        "1.23e-5",
        "-0.5",
    ]


def test_a_view_comes_back_from_its_name() -> None:
    assert in_javascript("new Camera().named") == ""
    moved = "Object.assign(new Camera(), {turn: -0.3, tilt: 0.51234, zoom: 1.5, shiftX: 0.1})"
    assert in_javascript(f"({moved}).named") == "-0.3_0.512_1.5_0.1_0"
    assert in_javascript('cameraOf("-0.3_0.512_1.5_0.1_0")') == {
        "turn": -0.3,
        "tilt": 0.512,
        "zoom": 1.5,
        "shiftX": 0.1,
        "shiftY": 0,
    }


@pytest.mark.parametrize("text", ["", "1_2", "a_b_c_d_e", "0_9_1_0_0", "0_0_99_0_0", "0_0_1_0_0_0"])
def test_what_names_no_view_is_none(text: str) -> None:
    assert in_javascript(f"cameraOf({json.dumps(text)})") is None
