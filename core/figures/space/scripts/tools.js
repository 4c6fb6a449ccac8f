// The tools at the end of the bar: what is saved as a file, and which keys there are.

const MORE_TOOLS = {
  save: ["Save the picture", "M8 2v8M5 7l3 3 3-3M2 11v3h12v-3"],
  keys: ["Keys and gestures", "M6 6a2 2 0 1 1 3 1.700c-.700.400-1 .800-1 1.800M8 12v.500M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13"],
};
const KEY_LINES = [
  ["Drag, wheel, pinch", "move and zoom; one finger scrolls the page"],
  ["Box, lasso", "select; Shift adds, Alt takes away, double click clears"],
  ["Tab to the picture", "arrows move it, + and - zoom, 0 shows all, b box, l lasso"],
  ["Tab to its regions", "arrows walk, Right goes in, Left back, Enter chooses, S selects"],
];

/** The buttons, and the panels that they open. */
function moreTools(map) {
  const saves = ["png", "svg"].map((ending) =>
    button(ending.toUpperCase(), `Save as ${ending.toUpperCase()}, on white`, () => {
      savePicture(map, ending);
      close();
    }));
  const keys = made("dl", "");
  keys.append(...KEY_LINES.flatMap(([key, does]) => [made("dt", "", key), made("dd", "", does)]));
  const panels = { save: saves, keys: [keys] };
  const openers = new Map();
  const close = (kept) => {
    for (const [opener, panel] of openers) {
      if (opener === kept) continue;
      panel.hidden = true;
      opener.setAttribute("aria-expanded", false);
    }
  };
  for (const [name, [title, path]] of Object.entries(MORE_TOOLS)) {
    const panel = made("div", `nfm-panel nfm-panel-${name}`);
    panel.append(...panels[name]);
    const opener = iconButton(title, path, () => {
      close(opener);
      panel.hidden = !panel.hidden;
      opener.setAttribute("aria-expanded", !panel.hidden);
    });
    openers.set(opener, panel);
    const escape = (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      close();
      opener.focus();
    };
    [opener, panel].forEach((part) => part.addEventListener("keydown", escape));
  }
  close();
  return { buttons: [...openers.keys()], panels: [...openers.values()] };
}
