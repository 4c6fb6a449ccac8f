"""What Streamlit remembers of widgets that are no longer drawn is let go.

It keeps what it was told of every widget that a session has ever drawn, the arguments of its
callback among them: data that were loaded once would stay as long as the session does.
"""

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

from pages.ui.session.slot import Slot

_DRAWN: Slot[frozenset[str]] = Slot("widgets_of_the_last_run", frozenset)


def forget() -> None:
    """Forget the widgets that neither this run nor the one before has drawn.

    The router calls it at the end of a run. A click on one that has just gone is still heard.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    drawn = context.shared.widget_ids_this_run.snapshot()
    known = context.session_state._state._new_widget_state.widget_metadata
    for name in [each for each in known if _drawn_as(each) not in drawn | _DRAWN.get()]:
        del known[name]
    _DRAWN.set(drawn)


def _drawn_as(name: str) -> str:
    """The widget that is drawn: the component, of its events, which are a widget of their own."""
    if not name.startswith(f"{STREAMLIT_INTERNAL_KEY_PREFIX}_"):
        return name
    return name.removeprefix(f"{STREAMLIT_INTERNAL_KEY_PREFIX}_").partition(EVENT_DELIM)[0]
