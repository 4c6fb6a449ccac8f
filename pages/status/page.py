"""Status: how does this server do? For its owner, and those who manage it."""

import streamlit as st

from core.limits import LIMITS
from pages.status import kept, words, work
from pages.ui.display import messages, tables
from pages.ui.display.heading import Heading
from pages.ui.jobs import progress_bar
from pages.ui.server import state
from pages.ui.session import visitor

if not visitor.visitor().is_admin:  # a page of the menu of others it never is
    st.stop()
failed, memory = state.failures().last(), state.memory()
states = [job.state for job in progress_bar.runner().jobs()]
Heading().answer(words.answer(state.uptime(), states, memory, len(failed)))

machine, jobs = st.columns([4, 7], gap="large")
with machine:
    st.subheader("Memory and disk")
    st.markdown(words.memory_words(memory, state.disk_free()))
    messages.note(f"Nearfield {state.release()}, Streamlit {st.__version__}.")
with jobs:
    st.subheader("Jobs of all visitors")
    work.show()

st.subheader("Store")
with messages.guard():
    kept.show()

st.subheader("Failures")
if failed:
    tables.show(words.failure_rows(failed), hide_index=True)
    messages.note("The server's log has the details under the reference.")
else:
    messages.note("Nothing unexpected has failed since the start.")

st.subheader("Limits")
tables.show(words.limit_rows(LIMITS), hide_index=True)
messages.note("Each is set in the environment; the README says what it is for.")
