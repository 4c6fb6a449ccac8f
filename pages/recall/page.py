"""Recall: what does ef buy?"""

from pages.recall import adaptive, compare, curve, export, first_look, latency, queries
from pages.recall.studies import chooser
from pages.ui.results import sections
from pages.ui.results.sections import Section

SECTIONS = {
    "Curve": Section("What does ef buy on this data?", curve.show, first_look.show),
    "Queries": Section("How much ef does each query need?", queries.show),
    "Adaptive ef": Section("What would an ef of its own for each query save?", adaptive.show),
    "Time": Section("How long does a search take?", latency.show),
    "Compare": Section("Which of these indexes serves better?", compare.show),
    "Studies": Section("What would change if the data or the index did?", chooser.show),
    "Take away": Section("Which setting, and how is it written?", export.show),
}

sections.show(SECTIONS, too_few="Recall needs at least three rows.")
