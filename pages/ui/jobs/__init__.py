"""Heavy work away from the script thread, and quick results kept: both named by what goes in.

declare      the decorator `job`: progress, stop, one run for all who ask the same
cache        quick results kept between reruns
key          the name of a call: the function and the fingerprints of its arguments
running      the long jobs of a session, with the way back to each
garbage      keeps full collections of garbage short, which hold up all threads
progress_bar what a page draws of a job that runs, was stopped or has failed
runner       runs jobs; executors: in threads; processes: in workers, whose values are `parcels`
kept         the bytes of all results, by owner, and what they were made of (`contents`)
asker        on whose account work is done
"""

from pages.ui.jobs.cache import cached
from pages.ui.jobs.declare import JobKind, KeptAs, NotReady, by_size, job, ready
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.key import Named
from pages.ui.jobs.progress_bar import begin_run, further, place, prepare_for, quiet, unseen

__all__ = [
    "JobKind",
    "KeptAs",
    "Named",
    "NotReady",
    "Progress",
    "begin_run",
    "by_size",
    "cached",
    "further",
    "job",
    "place",
    "prepare_for",
    "quiet",
    "ready",
    "unseen",
]
