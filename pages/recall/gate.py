"""The recall on the screen as bounds for a pipeline."""

from core.gate import Bounds, QuerySettings, RecallBound, ServedBound
from core.gate.bounds import Bound
from core.metrics import wilson_interval
from core.studies import EfTradeoff
from pages.ui.controls.queries import GIVEN, HELD_OUT, SELECTED, UPLOADED, RecallSettings
from pages.ui.display import gate_file, messages
from pages.ui.results import tradeoffs
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.workspace import Workspace

NAME = "recall_bounds.toml"
DIGITS = 4
NOT_IN_A_FILE = (
    "A selection stands in no file, so that bounds for it could not be checked. Choose other "
    "queries to export a gate."
)


def show(
    work: Workspace, found: Curves, study: EfTradeoff, wanted: RecallSettings, ef: int
) -> None:
    """Offer the bounds of the curve at an ef."""
    if found.source.kind == SELECTED:
        messages.note(NOT_IN_A_FILE)
        return
    run = gate_file.command(work, NAME, queries=found.source.kind == UPLOADED)
    bounds = bounds_of(work, found, study, wanted, ef)
    gate_file.offer(bounds, margins(study, wanted, ef), work, NAME, run)


def bounds_of(
    work: Workspace, found: Curves, study: EfTradeoff, wanted: RecallSettings, ef: int
) -> Bounds:
    """Mean recall at ef of at least the lower end of its interval, for the same queries.

    Where the target is one for a share of the queries, so is a second bound.
    """
    k = study.curve.k
    bounds: list[Bound] = [RecallBound(k, ef, least(study, ef))]
    if wanted.share is not None:
        bounds.append(ServedBound(k, ef, wanted.target, least_share(study, wanted.target, ef)))
    kinds = {HELD_OUT: "held_out", GIVEN: "data", UPLOADED: ""}
    source = kinds.get(found.source.kind, "index")
    size = found.count
    if found.source.given is not None and size == found.source.available:
        size = 0  # all, however many a later file has
    return Bounds(
        tuple(bounds),
        index=gate_file.index_settings(work),
        queries=QuerySettings(source, size, tradeoffs.SEED),  # type: ignore[arg-type]
    )


def least(study: EfTradeoff, ef: int) -> float:
    """The lower end of the interval of mean recall at ef, rounded down."""
    return _down(float(study.interval[0][study.at(ef)]))


def least_share(study: EfTradeoff, target: float, ef: int) -> float:
    """The lower end of the interval (Wilson) of the share of queries that reach the target."""
    share = float(study.share_reaching(target)[study.at(ef)])
    return _down(wilson_interval(share, len(study.curve.hits))[0])


def margins(study: EfTradeoff, wanted: RecallSettings, ef: int) -> list[str]:
    """How far recall may fall, and why so far."""
    mean, k = float(study.mean_recall[study.at(ef)]), study.curve.k
    said = [
        f"Mean recall@{k} at ef {ef:,} is {mean:.{DIGITS}f} and may fall to "
        f"{least(study, ef):.{DIGITS}f}, the lower end of its 95 % interval over these queries."
    ]
    if wanted.share is not None:
        share = float(study.share_reaching(wanted.target)[study.at(ef)])
        said.append(
            f"The share of queries with recall@{k} of {wanted.target:g} is {share:.{DIGITS}f} and "
            f"may fall to {least_share(study, wanted.target, ef):.{DIGITS}f}, the lower end of its "
            "own interval."
        )
    return said


def _down(value: float) -> float:
    return gate_file.rounded_down(value, DIGITS)
