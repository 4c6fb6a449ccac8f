"""What the player says of the end of a search and of each true neighbor, in words."""

from core.index import Stop
from core.studies import Misses

FEWEST_DIGITS, MOST_DIGITS = 3, 9


def apart(first: float, second: float) -> tuple[str, str]:
    """Two numbers with the fewest significant digits, 3 to 9, at which they read differently.

    >>> apart(0.61683, 0.61671)
    ('0.6168', '0.6167')
    """
    for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1):
        words = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if words[0] != words[1]:
            break
    return words


def stop_words(stop: Stop) -> str:
    """Why the search stopped, with the two numbers that were compared."""
    if stop.is_exhausted:
        return (
            f"No candidate is left: every row that had a place in the beam is expanded "
            f"(it holds {stop.held:,} of {stop.width:,}). Stop."
        )
    candidate, worst = apart(stop.distance, stop.worst)
    full = f"the beam is full ({stop.held:,} of {stop.width:,})"
    if stop.distance > stop.worst:
        return f"Next candidate {candidate} > farthest kept {worst}, and {full}: stop."
    return (
        f"Next candidate and farthest kept are both at {worst} in float64; in float32, which the "
        f"search compares, the candidate is farther, and {full}: stop."
    )


def stop_meaning(stop: Stop, ef: int) -> str:
    """The same for those who do not know the rule; empty where no candidate is left.

    ef: of the search; a row that is left out of its own answer takes a place beside it.
    """
    if stop.is_exhausted:
        return ""
    own = f" The beam holds ef = {ef:,} and the query itself." if stop.width > ef else ""
    return (
        f"Only links of nodes farther than all {stop.held:,} kept are left to follow; it expects "
        f"nothing nearer there.{own}"
    )


def fate_words(misses: Misses, place: int, ef: int, links_in: int) -> str:
    """What became of a true neighbor at `ef`; links_in: links that lead to it on layer 0.

    place: of the neighbor in the list of true neighbors.
    """
    fate, needed = str(misses.fate[place]), int(misses.smallest_ef[place])
    if fate == "found":
        return f"found; the smallest ef that returns it is {needed:,}" if needed > 0 else "found"
    reason = {
        "tie": "as far as the last row returned, which took its place",
        "farther as stored": "visited, but others are nearer as the index stores them",
        "met on an upper layer": f"met on the descent only; on layer 0 {_not_led_to(links_in)}",
        "never visited": f"not visited: {_not_led_to(links_in)}",
    }[fate]
    return f"missed: {reason}; {_remedy(misses, place, ef)}"


def _not_led_to(links_in: int) -> str:
    if links_in == 0:
        return "no link leads to it"
    if links_in == 1:
        return "its one in-link was not expanded"
    return f"none of its {links_in:,} in-links was expanded"


def _remedy(misses: Misses, place: int, ef: int) -> str:
    needed = int(misses.smallest_ef[place])
    if needed > ef:
        return f"ef {needed:,} finds it"
    if needed > 0:  # of rows equally near, another is returned at this ef
        return f"ef {needed:,} returns it in place of one as near"
    if len(misses.paths[place]) == 0:
        return "no walk along links leads to it, so no ef finds it"
    return f"no ef up to {misses.ef_max:,} finds it"
