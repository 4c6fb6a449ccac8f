// One step of the browser's history for each page. Streamlit pushes an entry for each value that is
// written to the address: here that replaces the entry of its page. What the next page asks for can
// be written while the address still names this one; so an entry that is left gets the address back
// that it had when the visitor last pressed something.
(() => {
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let pressed = null;
  const note = () => {
    pressed = location.href;
  };
  for (const kind of ["pointerdown", "keydown", "click", "popstate"]) {
    addEventListener(kind, note, { capture: true, passive: true });
  }
  const pathOf = (address) => new URL(address, location.href).pathname;

  history.pushState = (state, title, address) => {
    if (pathOf(address ?? location.href) === location.pathname) {
      replace(state, title, address);
      return;
    }
    if (pressed !== null && pathOf(pressed) === location.pathname) {
      replace(history.state, "", pressed);
    }
    push(state, title, address);
  };
})();
