"""Streamlit glue shared by the pages; the only code that touches session state and caches.

messages  the answer sentence, notes, errors, numbers as text
workspace the data and the index settings of this session, kept in the URL
controls  widgets whose value lives in the URL
needs     what a page needs and what takes time: index, neighbors; drawn as progress until ready
jobs      how results are made in the background, named, shared and kept
charts    a figure with its alt text, table and CSV
cards     the side bar
"""
