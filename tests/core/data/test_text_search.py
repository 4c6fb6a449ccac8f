"""What is typed finds ids and names first, whole words before parts of words."""

import numpy as np
import pandas as pd

from core.data.text_search import find, searchable

NAMES = [
    "shark",  # 0: within another text
    "pine",  # 1: the name itself
    "white pine",  # 2: a whole word of the name
    "pineapple juice",  # 3: the beginning of a word of the name
    "alpine",  # 4: within the name
    "tree",  # 5: a whole word of another text
    "pine-tree",  # 6: a whole word: a hyphen ends it
    "Österreich",  # 7
]
GLOSSES = ["spined fish", "", "", None, "", "such as a PINE or oak", "", "a (land)"]
WORDS = searchable(NAMES, [pd.Series(GLOSSES, dtype=object)], pd.Series([10, 11, 2, 3, 4, 5, 6, 7]))


def test_ranks_in_their_order_and_shorter_names_first() -> None:
    found = find(WORDS, " Pine ", 20)
    # "pine-tree" has 9 letters, "white pine" 10; "shark" 5, "alpine" 6.
    assert found.rows.tolist() == [1, 6, 2, 3, 5, 0, 4]
    assert found.ranks.tolist() == [1, 2, 2, 3, 4, 5, 5]
    assert found.total == 7


def test_the_count_is_of_all_hits_and_the_first_are_the_same() -> None:
    for most in range(1, 8):
        few = find(WORDS, "pine", most)
        assert few.rows.tolist() == [1, 6, 2, 3, 5, 0, 4][:most]
        assert few.total == 7


def test_an_id_comes_first_and_is_found_in_part() -> None:
    assert find(WORDS, "11", 5).rows.tolist() == [1]
    assert find(WORDS, "1", 5).rows.tolist() == [1, 0]  # in 11 and 10; "pine" is shorter
    assert find(WORDS, "2", 5).ranks.tolist() == [0]


def test_letters_are_found_as_they_are() -> None:
    assert find(WORDS, "österreich", 5).ranks.tolist() == [1]
    assert find(WORDS, "ster", 5).ranks.tolist() == [5]  # no word begins after a letter
    assert find(WORDS, "(land)", 5).rows.tolist() == [7]  # no regular expression
    assert find(WORDS, ".", 5).total == 0
    assert find(WORDS, "  ", 5).total == 0


def test_equals_a_loop_over_the_rows() -> None:
    random = np.random.default_rng(0)
    letters = np.array(list("ab -"))
    names = ["".join(random.choice(letters, 6)).strip() or "x" for _ in range(400)]
    found = find(searchable(names), "ab", 400)

    def rank(name: str) -> int:
        words = name.replace("-", " ").split()
        if name == "ab":
            return 1
        if "ab" in words:
            return 2
        return 3 if any(word.startswith("ab") for word in words) else 5

    held = [(rank(name), len(name), row) for row, name in enumerate(names) if "ab" in name]
    assert found.rows.tolist() == [row for *_, row in sorted(held)]


def test_half_a_character_finds_nothing_and_does_no_harm() -> None:
    words = searchable(["shark", "pine ?"])
    assert find(words, "\ud83d shark", 9).total == 0
