"""Layers: what did HNSW build, and how does a search move through it?"""

from pages.layers import anatomy, autopsy, diff, export, insertion, search, what_if
from pages.ui.results import sections
from pages.ui.results.sections import Section

SECTIONS = {
    "Search": Section("How does a search move through the layers?", search.show),
    "Insertion": Section(insertion.QUESTION, insertion.show),
    "Anatomy": Section("What did HNSW build?", anatomy.show),
    "Autopsy": Section("What became of every true neighbor?", autopsy.show),
    "What if": Section("What would another build of this index change?", what_if.show),
    "Diff": Section(diff.QUESTION, diff.show),
    "Take away": Section("What of the graph can be taken along?", export.show),
}

sections.show(SECTIONS, too_few="A search through layers needs at least three rows.")
