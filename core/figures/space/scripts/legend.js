// The legend: classes that can be hidden or seen alone, or a scale of numbers.

const OPEN_AT_MOST = 12; // classes; more of them are folded away, for names stand on the map
const SCALE_STOPS = 24;

class MapLegend {
  /** changed: called with the codes that are hidden. */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.hidden = new Set();
  }

  /** legend: as Python wrote it; palette: colors by code. */
  show(legend, palette, hidden) {
    const wasOpen = legend === this.legend ? this.fold?.open : undefined;
    [this.legend, this.palette, this.hidden] = [legend, palette, hidden];
    this.root.hidden = legend.kind === "none";
    this.buttons = new Map();
    this.all = null;
    if (this.root.hidden) return;
    const list = made("div", "nfm-classes");
    list.append(...legend.entries.map((entry) => this.entry(entry)));
    const all = button("all", "Show all", () => this.set(new Set()));
    const title = made("summary", "", legend.title);
    if (legend.kind === "classes") title.append(made("small", "", ` ${legend.entries.length} classes`));
    this.fold = made("details", "");
    const isNarrow = matchMedia("(max-width: 760px)").matches;
    this.fold.open = wasOpen ?? (legend.kind === "scale" || (!isNarrow && legend.entries.length <= OPEN_AT_MOST));
    this.fold.append(title, ...(legend.kind === "scale" ? [this.scale()] : []), list);
    this.all = all;
    list.append(all);
    this.root.replaceChildren(this.fold);
    this.mark();
  }

  entry({ code, name, count }) {
    const item = made("span", "nfm-class");
    const toggle = button("", `Show or hide ${name}`, () => this.toggle(code));
    const swatch = made("i", "");
    swatch.style.background = this.palette[code];
    toggle.append(swatch, made("span", "", name), made("small", "", count.toLocaleString("en-US")));
    toggle.addEventListener("dblclick", () => this.only(code));
    item.append(toggle, button("only", `Show ${name} alone`, () => this.only(code)));
    this.buttons.set(code, toggle);
    return item;
  }

  toggle(code) {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(code)) hidden.add(code);
    this.set(hidden);
  }

  /** This class alone, or all of them where it is alone already. */
  only(code) {
    const others = this.legend.entries.map((entry) => entry.code).filter((other) => other !== code);
    const isAlone = !this.hidden.has(code) && others.every((other) => this.hidden.has(other));
    this.set(new Set(isAlone ? [] : others));
  }

  set(hidden) {
    this.take(hidden);
    this.changed(hidden);
  }

  take(hidden) {
    this.hidden = hidden;
    this.mark();
  }

  mark() {
    for (const [code, toggle] of this.buttons) toggle.setAttribute("aria-pressed", !this.hidden.has(code));
    if (this.all) this.all.hidden = this.hidden.size === 0;
  }

  get hiddenNames() {
    return new Set(
      (this.legend?.entries ?? []).filter(({ code }) => this.hidden.has(code)).map(({ name }) => name),
    );
  }

  scale() {
    const box = made("div", "nfm-scale");
    const bar = made("div", "nfm-bar");
    const last = this.palette.length - 2; // the last color is of "no value"
    const stops = Array.from({ length: SCALE_STOPS }, (_, at) => this.palette[Math.round((at * last) / (SCALE_STOPS - 1))]);
    bar.style.background = `linear-gradient(to right, ${stops.join()})`;
    box.append(bar);
    for (const [share, words] of this.legend.ticks) {
      const tick = made("small", "", words);
      tick.style.left = `${100 * share}%`;
      tick.style.transform = `translateX(${-100 * share}%)`;
      box.append(tick);
    }
    return box;
  }
}

/** An element with a class and a text; never markup. */
function made(tag, name, text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

function button(text, title, act) {
  const element = made("button", "", text);
  [element.type, element.title] = ["button", title];
  if (text.length < 2) element.setAttribute("aria-label", title);
  element.addEventListener("click", act);
  return element;
}
