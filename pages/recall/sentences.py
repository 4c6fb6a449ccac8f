"""What the Recall page says, in sentences and tables."""

import numpy as np
import pandas as pd

from core.index.reaching import hits_needed
from core.studies import AnswerQuality, Diagnosis, EfTradeoff, QuantizationLoss
from pages.ui.display.text import count, number, percent, plain
from pages.ui.results.tradeoffs import Curves

SERVED = 0.9  # the recall that the answer counts queries at
STEPS = (10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 200, 256, 320, 400, 512)
SEEN = 0.05  # percent; less is written as 0.0
SHIFTED = 1.2  # times the usual distance: queries from elsewhere are called out of distribution


def chosen_ef(tradeoff: EfTradeoff, target: float, share: float | None) -> int | None:
    """The smallest ef that reaches the target on average, or for a share of the queries."""
    if share is None:
        return tradeoff.smallest_ef(target)
    return tradeoff.smallest_ef_for_share(target, share)


def answer(tradeoff: EfTradeoff, target: float, share: float | None = None) -> str:
    """The page's sentence: which ef reaches the target and what it costs, or why none does.

    Of rows of the index as queries it says so, for they flatter the index.
    """
    text = _reached(tradeoff, target, share)
    if not tradeoff.queries.in_index:
        return text
    more = "need a larger ef" if chosen_ef(tradeoff, target, share) is not None else "find less"
    first = text[0].lower() + text[1:]
    return f"On rows of the index as queries, {first} New queries {more}, as a rule."


def first_look(
    tradeoff: EfTradeoff, rows: int, n: int, target: float, share: float | None = None
) -> str:
    """The sentence of a curve of `rows` of n rows, shown while the index of all rows is built."""
    text = _reached(tradeoff, target, share)
    reached = chosen_ef(tradeoff, target, share) is not None
    more = "needs a larger ef" if reached else "finds less at the same ef"
    return (
        f"On {rows:,} of the {n:,} rows, {text[0].lower()}{text[1:]} The index of all rows, which "
        f"is being built, {more}, as a rule."
    )


def first_look_basis(tradeoff: EfTradeoff, rows: int) -> str:
    """What the figures of a first look rest on."""
    asked = count(len(tradeoff.curve.hits), "query", "queries")
    return (
        f"A first look: {rows:,} rows drawn with seed 0; {asked} of them are held out of an index "
        "with the same settings. The curve of all rows takes its place as soon as their index is "
        f"there. Band: 95 % bootstrap interval of the mean over queries{_width_words(tradeoff)}."
    )


def _reached(tradeoff: EfTradeoff, target: float, share: float | None) -> str:
    k, ef = tradeoff.curve.k, chosen_ef(tradeoff, target, share)
    if ef is None:
        return _unreached(tradeoff, target, share)
    at = tradeoff.at(ef)
    mean = f"a recall@{k} of {number(tradeoff.mean_recall[at])} on average"
    served = SERVED if share is None else target
    least = f"at least {served:g} for {percent(tradeoff.share_reaching(served)[at])} of queries"
    return (
        f"ef {ef:,} reaches {mean}, and {least}, at "
        f"{number(round(tradeoff.mean_computations[at]))} distance computations, "
        f"{percent(tradeoff.brute_force_share[at])} of brute force."
    )


def flattery(
    tradeoff: EfTradeoff, inside: EfTradeoff, target: float, share: float | None = None
) -> str:
    """How the same target looks with rows of the index as queries, the paler line.

    tradeoff: of held-out rows. inside: of rows of the index.
    """
    there, here = (chosen_ef(study, target, share) for study in (inside, tradeoff))
    if there is None:
        either = " either" if here is None else ""
        return (
            f"Paler line: rows of the index as queries; no ef up to {int(inside.ef[-1]):,} reaches "
            f"the target there{either}."
        )
    if here == there:
        return (
            "Paler line: rows of the index as queries; they reach the target at the same ef, "
            f"{there:,}."
        )
    needs = "no ef serves these" if here is None else f"these need ef {here:,}"
    recall = number(float(tradeoff.mean_recall[tradeoff.at(there)]))
    return (
        "Paler line: rows of the index as queries, each linked among its own neighbors. They reach "
        f"the target at ef {there:,}, where held-out rows have a mean recall of {recall}; {needs}."
    )


def _unreached(tradeoff: EfTradeoff, target: float, share: float | None) -> str:
    k, largest = tradeoff.curve.k, int(tradeoff.ef[-1])
    if share is None:
        best = number(float(tradeoff.mean_recall[-1]))
        return f"No ef up to {largest:,} reaches recall@{k} {target:g}: the best is {best}."
    best = percent(float(tradeoff.share_reaching(target)[-1]))
    return (
        f"No ef up to {largest:,} gives {percent(share)} of queries a recall@{k} of {target:g}: "
        f"the best is {best} of them."
    )


def diagnosis(found: Diagnosis, *, said: bool = False) -> str:
    """Why the graph is broken, or how many items it loses, with what helps; "" for a sound one.

    said: whether the page has told already what the census counted, so that only what the curve
    shows is left to say.
    """
    if found.worth_saying and not said:
        return f"{_unreachable(found)}, whatever its ef; the census names them, and why."
    reasons = broken_by(found)
    if said:
        reasons = [_stuck(found)] if found.stuck else []
    if not reasons:
        return ""
    return (
        f"This is a broken graph, not a small beam: {'; '.join(reasons)}. A larger ef will not "
        "help; the census names the items that are lost, and why."
    )


def broken_by(found: Diagnosis) -> list[str]:
    """What breaks the graph, each with its figures; empty for a graph that is not broken."""
    reasons = [_unreachable(found)] if found.cut_off else []
    if found.loses:
        reasons.append(
            f"{found.not_found:,} of {found.searched:,} items searched for by their own vector "
            f"could be reached and are not found at ef {found.ef:,}"
        )
    return [*reasons, _stuck(found)] if found.stuck else reasons


def _unreachable(found: Diagnosis) -> str:
    return (
        f"{found.unreachable:,} of {found.n:,} items ({percent(found.unreachable / found.n)}) "
        "cannot be reached by any search"
    )


def _stuck(found: Diagnosis) -> str:
    return f"recall stays at {number(found.final_recall)} (ties counted) however large ef grows"


def steps(k: int, target: float) -> str:
    """In which steps the recall of one query moves, and what a target between two of them asks."""
    needed = hits_needed(target, k)
    every = count(k, "neighbor")
    if k == 1:
        return "At k 1 the recall of one query is 0 or 1."
    asks = f"all {k:,}" if needed == k else f"{needed:,} of the {every}"
    return (
        f"At k {k:,} the recall of one query moves in steps of {1 / k:.3g}: a target of "
        f"{target:g} asks for {asks}."
    )


def basis(tradeoff: EfTradeoff, found: Curves) -> str:
    """What the figures rest on: the queries, how their true neighbors came about, the interval."""
    asked = count(len(tradeoff.curve.hits), "query", "queries")
    if not found.whole:
        asked = f"{asked} so far, of {found.wanted:,}"
    if found.held is not None:
        text = (
            f"{asked}: rows drawn with seed 0 and held out: an index with the same settings was "
            f"built from the other {found.graph.n:,} rows."
        )
    elif tradeoff.queries.in_index:
        k = tradeoff.curve.k
        text = (
            f"{asked}: {_drawn(found)}, in the index, each left out of its own answer by id: it "
            f"takes a place of the beam, so ef {k} is searched as ef {k + 1}."
        )
    else:
        text = f"{asked} from elsewhere; every row of the data may answer."
        if np.isfinite(found.agreement):
            text += (
                " Their true neighbors are computed; the file's agree for "
                f"{percent(found.agreement)} of places."
            )
        if np.isfinite(found.shift):
            text += _shift_words(found.shift)
    return (
        f"{text} Strict recall by id; band: 95 % bootstrap interval of the mean over queries"
        f"{_width_words(tradeoff)}.{_tie_words(tradeoff)}"
    )


def _width_words(tradeoff: EfTradeoff) -> str:
    """How wide the band is; nothing where the mean is nowhere so high, or all queries agree."""
    half = tradeoff.half_width
    return f", at most {half:.4f} to each side where the mean is at least 0.9" if half > 0 else ""


def _drawn(found: Curves) -> str:
    of = "the data" if found.source.selected is None else plain(found.source.name)
    if found.count == found.source.available:
        return f"every row of {of}"
    return f"rows of {of} drawn with seed 0"


def _shift_words(shift: float) -> str:
    if shift < SHIFTED:
        return f" They lie as near to the data as its own rows do ({number(shift)} times as far)."
    return (
        f" Out of distribution: their nearest rows are {number(shift)} times as far as those of "
        "the data's own rows."
    )


def _tie_words(tradeoff: EfTradeoff) -> str:
    share = tradeoff.tied_share
    if not share > 0:
        return ""
    best = float(tradeoff.mean_tie_aware_recall[-1])
    return (
        f" {percent(share)} of queries have a tie at k: counting equals, recall at the largest ef "
        f"is {number(best)}."
    )


def loss_parts(loss: QuantizationLoss, recall: float, ef: int) -> str:
    """Which part of what a search at `ef` loses is the codes', and which the graph's.

    recall: mean recall of that search. "" where next to nothing is lost.
    """
    lost, best = 100 * (1 - recall), 100 * loss.best_recall
    if lost < SEEN:
        return ""
    whose = [f"the codes' ({loss.codes})"] if loss.codes is not None else []
    whose += [f"the transform's ({loss.transform})"] if loss.transform is not None else []
    first = (
        f"Of {lost:.1f} % lost at ef {ef:,}, {min(lost, 100 - best):.1f} points are "
        f"{' and '.join(whose)}: even an exact search of what the index stores finds {best:.1f} %"
    )
    graph_part = 100 * loss.graph_part(recall)
    if graph_part < SEEN:
        return f"{first}; the graph loses nothing more, and a larger ef gains nothing."
    return f"{first}; the graph loses {graph_part:.1f} points more."


def near_misses(quality: AnswerQuality, ef: int) -> str:
    """How much the misses at an ef matter: by score, and by distance."""
    place = int(np.searchsorted(quality.ef, ef))
    text = (
        f"At ef {ef:,}: recall@{quality.k} {number(float(quality.mean_recall[place]))}, weighted "
        f"by score {number(float(quality.mean_score_weighted[place]))}"
    )
    error, high = float(quality.mean_error[place]), float(quality.high_error[place])
    if np.isnan(error):
        return f"{text}; a relative distance error is not defined here. {_asked_words(quality)}"
    return (
        f"{text}; the rows found are {percent(error)} farther than the true neighbors on average, "
        f"and {percent(high)} or less for 95 % of queries. {_asked_words(quality)}"
    )


def _asked_words(quality: AnswerQuality) -> str:
    asked = f"Of {count(quality.queries, 'query', 'queries')}"
    if quality.undefined:
        asked += f", of which {quality.undefined:,} have no relative distance error"
    return f"{asked}."


def with_quality(frame: pd.DataFrame, quality: AnswerQuality) -> pd.DataFrame:
    """The table of a curve with the figures of distances beside strict recall, where measured."""
    columns = pd.DataFrame(
        {
            "ef": quality.ef,
            "score-weighted recall": quality.mean_score_weighted.round(4),
            "distance error, %": (100 * quality.mean_error).round(4),
            "distance error, 95th percentile, %": (100 * quality.high_error).round(4),
        }
    )
    return frame.merge(columns, on="ef", how="left")


def measured_efs(tradeoff: EfTradeoff, chosen: int | None) -> tuple[int, ...]:
    """The usual values of ef on the curve, its ends and the chosen one."""
    wanted = {int(tradeoff.ef[0]), int(tradeoff.ef[-1]), *STEPS}
    if chosen is not None:
        wanted.add(chosen)
    return tuple(ef for ef in sorted(wanted) if tradeoff.ef[0] <= ef <= tradeoff.ef[-1])


def table(tradeoff: EfTradeoff, target: float, chosen: int | None) -> pd.DataFrame:
    """The curve at the usual values of ef and at the chosen one."""
    places = [tradeoff.at(ef) for ef in measured_efs(tradeoff, chosen)]
    return whole_table(tradeoff, target).iloc[places]


def whole_table(tradeoff: EfTradeoff, target: float) -> pd.DataFrame:
    """The curve at every ef."""
    low, high = tradeoff.interval
    return pd.DataFrame(
        {
            "ef": tradeoff.ef,
            "mean recall": tradeoff.mean_recall.round(4),
            "with ties": tradeoff.mean_tie_aware_recall.round(4),
            "95 % from": low.round(4),
            "95 % to": high.round(4),
            "worst 5 % of queries": tradeoff.low_recall.round(4),
            f"share with recall >= {target:g}": tradeoff.share_reaching(target).round(4),
            "distance computations": tradeoff.mean_computations.round(1),
            "% of brute force": (100 * tradeoff.brute_force_share).round(3),
            "hops": tradeoff.curve.hops.mean(axis=0).round(1),
        }
    )
