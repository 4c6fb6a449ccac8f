// The map of a space: points, marks, names, legend and tools in one element.

const HOVER_RADIUS = 9; // pixels
const CARD_DELAY = 120;
const VIEW_DELAY = 250;
const REST = 140; // after a motion, until all points are drawn
const CARDS_AT_MOST = 400;
const FADE_UNSELECTED = 0.28;
const FADE_BEHIND_ITEM = 0.45;
const PICTURE_KEYS = "Arrows move the picture, plus and minus zoom, 0 shows all; its regions follow as a tree.";
const SVG = "http://www.w3.org/2000/svg";
const TOOLS = {
  pan: ["Move the picture", "M8 1v14M1 8h14M8 1 6 3M8 1l2 2M8 15l-2-2M8 15l2-2M1 8l2-2M1 8l2 2M15 8l-2-2M15 8l-2 2"],
  box: ["Select with a box (Shift adds, Alt takes away)", "M2 3h12v10H2z"],
  lasso: ["Select with a lasso (Shift adds, Alt takes away)", "M8 3c4 0 6 1.6 6 3.600S12 10.500 8 10.500 2 8.800 2 6.600 4 3 8 3M5 10c-1 1-1 3-3 4"],
};
const STEPS_OF_VIEW = {
  in: ["Zoom in", "M8 2v12M2 8h12"],
  out: ["Zoom out", "M2 8h12"],
  home: ["Show all points", "M2 8 8 2l6 6M4 7v7h8V7"],
};

class SpaceMap {
  constructor(root, key, send) {
    [this.root, this.key, this.send] = [root, key, send];
    this.cameras = { 2: new MapCamera(), 3: new DeepCamera() };
    this.camera = this.cameras[2];
    this.tool = "pan";
    this.cards = new Map();
    this.build();
    this.painter = painterOf(this.canvas);
    this.marks = new MapMarks(this.find("marks"));
    this.names = new RegionNames(this.find("names"));
    this.legend = new MapLegend(this.find("legend"), (hidden) => this.hide(hidden));
    this.keys = this.keyMap();
    listenTo(this.canvas, this);
    this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => this.restore());
    onThemeChange(this.find("view"), () => this.wear());
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(this.find("view"));
    this.ratio = window.devicePixelRatio;
    this.update = () => this.receive();
    STORE.tell.add(this.update);
    TWINS.join(this);
    this.receive();
  }

  find(name) {
    return this.root.querySelector(`.nfm-${name}`);
  }

  build() {
    const view = made("div", "nfm-view");
    this.canvas = made("canvas", "nfm-points");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-description", PICTURE_KEYS);
    const tip = made("div", "nfm-tip");
    tip.hidden = true;
    view.append(
      this.canvas, made("canvas", "nfm-marks"), made("div", "nfm-names"), made("div", "nfm-told"), tip,
    );
    this.tree = new MapTree(this, view);
    this.root.classList.add("nfm");
    this.root.replaceChildren(view, this.buildTools(), ...this.panels, made("div", "nfm-legend"));
  }

  buildTools() {
    const bar = made("div", "nfm-tools");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Tools of the map");
    this.toolButtons = new Map();
    for (const [tool, [title, path]] of Object.entries(TOOLS)) {
      const chosen = iconButton(title, path, () => this.choose(tool));
      this.toolButtons.set(tool, chosen);
      bar.append(chosen);
    }
    const steps = { in: () => this.zoom(1.6), out: () => this.zoom(1 / 1.6), home: () => this.home() };
    for (const [step, [title, path]] of Object.entries(STEPS_OF_VIEW)) {
      bar.append(iconButton(title, path, steps[step]));
    }
    for (const [tool, chosen] of this.toolButtons) chosen.setAttribute("aria-pressed", tool === "pan");
    const { buttons, panels } = moreTools(this);
    bar.append(...buttons);
    this.panels = panels;
    return bar;
  }

  /** Keys of the focused picture; others may add theirs. */
  keyMap() {
    const step = 60;
    return {
      "+": () => this.zoom(1.3), "=": () => this.zoom(1.3), "-": () => this.zoom(1 / 1.3),
      0: () => this.home(),
      ArrowLeft: (event) => this.pan(step, 0, event.shiftKey),
      ArrowRight: (event) => this.pan(-step, 0, event.shiftKey),
      ArrowUp: (event) => this.pan(0, step, event.shiftKey),
      ArrowDown: (event) => this.pan(0, -step, event.shiftKey),
      b: () => this.choose("box"), l: () => this.choose("lasso"),
      Escape: () => this.escape(),
    };
  }

  /** Take what has come; draw once all parts of the overlay are here. */
  receive() {
    const overlay = STORE.overlays[this.key];
    const card = STORE.cards[this.key];
    if (card && card !== this.card) this.takeCard(card);
    if (!overlay || overlay === this.overlay) return;
    const parts = ["geometry", "paint", "masks"].map((part) => partNamed(overlay[part]));
    if (parts.some((part) => !part)) return;
    this.show(overlay, ...parts);
  }

  show(overlay, geometry, paint, masks) {
    const before = this.overlay;
    this.overlay = overlay;
    this.dress();
    this.canvas.setAttribute("aria-label", overlay.headline);
    if (this.cloud?.name !== overlay.geometry) {
      this.cloud = cloudOf(geometry);
      this.camera = this.cameras[this.cloud.axes];
      this.camera.frame(this.cloud);
      this.cards.clear();
      [this.pointed, this.echoed] = [-1, -1];
      this.root.classList.toggle("nfm-deep", this.isDeep);
      if (this.isDeep && this.tool !== "pan") this.choose("pan");
    }
    if (before?.space !== overlay.space) this.enter(overlay.space, before);
    const palette = overlay.dark ? paint.meta.dark : paint.meta.light;
    if (this.palette !== palette) this.takeLegend(paint, palette, before);
    paint.arrays.codes ??= new Uint8Array(paint.meta.count); // one color for all
    [this.paint, this.masks, this.palette] = [paint, masks, palette];
    this.upload();
    this.tree.receive(overlay);
    if (before?.item?.[0] !== overlay.item?.[0]) this.isFocused = true;
    this.writeLink();
    clearTimeout(this.linking);
    this.linking = setTimeout(() => this.writeLink(), VIEW_DELAY); // Streamlit writes back what a run began with
    this.redraw();
  }

  /** Colors of the theme that the page wears. */
  dress() {
    const dark = isDark(this.find("view"));
    Object.assign(this.overlay, { dark, colors: this.overlay.tones[dark ? "dark" : "light"] });
    this.root.classList.toggle("nf-dark", dark);
  }

  /** Another theme: the same map in its colors. */
  wear() {
    if (!this.paint) return;
    this.dress();
    this.palette = this.overlay.dark ? this.paint.meta.dark : this.paint.meta.light;
    this.legend.show(this.paint.meta.legend, this.palette, this.legend.hidden);
    if (this.overlay.second) this.legend.root.hidden = true;
    this.upload();
    this.redraw();
  }

  get isDeep() {
    return this.cloud?.axes === 3;
  }

  writeLink() {
    const hidden = [...this.legend.hidden].join("_");
    if (this.overlay.second) writeAddress({ second: this.camera.named });
    else writeAddress({ ...this.overlay.link, view: this.camera.named, hidden });
  }

  /** Bring to the graphics card what is not there yet. */
  upload() {
    const { painter, cloud, paint, masks } = this;
    if (painter.has?.cloud !== cloud) painter.place(cloud);
    if (painter.has?.paint !== paint) painter.paint(paint.arrays.codes);
    if (painter.has?.palette !== this.palette) painter.color(this.palette);
    const hidden = this.legend.hidden;
    const same = painter.has && painter.has.cloud === cloud && painter.has.masks === masks;
    if (!same || painter.has.hidden !== hidden || (painter.has.paint !== paint && hidden.size)) {
      painter.arrange(cloud.arrange(this.arrangement()));
    }
    const has = { cloud, paint, palette: this.palette, masks, hidden };
    if (!painter.has || Object.keys(has).some((part) => has[part] !== painter.has[part])) painter.has = has;
  }

  /** What decides which points are drawn, and which of them are pale. */
  arrangement() {
    return { codes: this.paint.arrays.codes, hidden: this.legend.hidden, ...this.masks.arrays };
  }

  restore() {
    this.painter.has = null;
    this.painter.start();
    this.upload();
    this.redraw();
  }

  /** The view that this space was left in, or that the link asks for at first. */
  enter(space, before) {
    this.camera.home();
    this.camera.take(STORE.views.get(space) ?? (before ? "" : askedOfLink(this.overlay.second ? "second" : "view")));
    STORE.views.set(space, this.camera.named);
  }

  takeLegend(paint, palette, before) {
    const { legend } = paint.meta;
    const asked = before ? "" : askedOfLink("hidden");
    const codes = new Set(legend.entries.map((entry) => entry.code));
    const fromLink = new Set(asked.split("_").filter(Boolean).map(Number).filter((code) => codes.has(code)));
    const hidden = STORE.hidden.get(legend.title) ?? fromLink;
    STORE.hidden.set(legend.title, hidden);
    this.legend.show(legend, palette, hidden);
    if (this.overlay.second) this.legend.root.hidden = true;
  }

  hide(hidden) {
    const { title } = this.paint.meta.legend;
    STORE.hidden.set(title, hidden);
    this.writeLink();
    this.upload();
    this.redraw();
    TWINS.hide(this, title, hidden);
  }

  /** Of the other map: hide what is hidden there, where both are painted alike. */
  hideToo(title, hidden) {
    if (this.paint?.meta.legend.title !== title) return;
    this.legend.take(hidden);
    this.upload();
    this.redraw();
  }

  /** Of the other map: ring a row, -1 for none. */
  echo(row) {
    const point = row >= 0 ? this.cloud.pointOf(row) : -1;
    if (point === this.echoed) return;
    this.echoed = point;
    this.redraw();
  }

  place(...at) {
    return this.camera.toScreen(...this.cloud.toUnit(at));
  }

  redraw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.draw();
    });
  }

  /** Draw soon, with fewer points where all of them would be slow; all of them at rest. */
  move() {
    this.moving = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.moving = false;
      this.redraw();
    }, REST);
    this.redraw();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.keepView(), VIEW_DELAY);
  }

  keepView() {
    STORE.views.set(this.overlay.space, this.camera.named);
    this.writeLink();
  }

  /** Size and opacity of points by how dense they lie in what is seen. */
  look() {
    const { camera, cloud } = this;
    const [width, height] = camera.size;
    const share = this.painter.count / Math.max(1, cloud.count);
    return lookOf(share * cloud.countSeen(camera), width * height);
  }

  /** The look of points now, paler behind a chosen item; fade: of those not selected. */
  scene() {
    const { size, alpha } = this.look();
    const isBehind = this.overlay.fade && this.isFocused && this.painter.faded === 0;
    return { look: { size, alpha: alpha * (isBehind ? FADE_BEHIND_ITEM : 1) }, fade: FADE_UNSELECTED };
  }

  draw() {
    const view = this.find("view");
    this.camera.size = [view.clientWidth, view.clientHeight];
    if (!this.overlay || !view.clientWidth) return;
    const { overlay, camera } = this;
    const { look, fade } = this.scene();
    this.drawPoints(look, fade);
    const place = (...at) => this.place(...at);
    const radius = look.size / 2;
    this.marks.draw(overlay, place, radius, camera.size);
    for (const [point, wider] of [[this.pointed, 3], [this.echoed, 6]]) {
      if (!(point >= 0)) continue;
      const spot = camera.toScreen(...this.cloud.unitOf(point));
      this.marks.ring(spot, radius + wider, overlay.colors.text, overlay.colors.page, 1.8);
    }
    if (this.isDeep) this.marks.axes(camera.axisEnds(), overlay.colors);
    this.tree.draw(this.marks, radius);
    if (this.drawn) this.marks.area(this.drawn.path, overlay.colors.text);
    this.names.place(...this.naming());
    this.tell();
  }

  /** Millions of points take a while: they stay as they are under marks, rings and a lasso that change. */
  drawPoints(look, fade) {
    const { camera, painter, moving } = this;
    const { page } = this.overlay.colors;
    const view = [...camera.matrix, ...camera.size, window.devicePixelRatio, look.size, look.alpha, fade, page, moving].join();
    if (this.seen?.has === painter.has && this.seen.view === view) return;
    this.seen = { has: painter.has, view };
    painter.draw(camera, look, { page, fade, moving });
  }

  /** What decides which names stand where. */
  naming() {
    const { overlay, camera, legend } = this;
    const place = (...at) => this.place(...at);
    const regions = this.isDeep ? apparentFirst(overlay.regions, place) : overlay.regions;
    return [regions, place, camera.size, camera.zoom, legend.hiddenNames, [this.toolsBox()]];
  }

  toolsBox() {
    const bar = this.find("tools");
    const [left, top] = [bar.offsetLeft, bar.offsetTop];
    return { left, top, right: left + bar.offsetWidth, bottom: top + bar.offsetHeight };
  }

  /** The axes, what the picture shows where it is not all, and what the tool does. */
  tell() {
    const words = [];
    this.overlay.axes.forEach((title, axis) => {
      const sign = this.isDeep ? String(axis + 1) : "→↑"[axis];
      words.push(title.includes(sign) ? title : `${sign} ${title}`); // "PC 1" has its number
    });
    if (this.painter instanceof PointRaster) words.push("drawn without WebGL2, which this browser lacks");
    const [shown, all] = [this.painter.count, this.cloud.count];
    if (shown < all) {
      words.push(`${shown.toLocaleString("en-US")} of ${all.toLocaleString("en-US")} points`);
    }
    if (this.drawn && this.drawn.operation !== "replace") {
      words.push(this.drawn.operation === "add" ? "adds to the selection" : "takes from the selection");
    }
    const told = words.join(" · ");
    const place = this.find("told");
    if (place.textContent !== told) place.textContent = told;
  }

  // What a visitor does.

  choose(tool) {
    if (this.isDeep && tool !== "pan") return; // an area has no depth
    this.tool = this.tool === tool ? "pan" : tool;
    for (const [name, chosen] of this.toolButtons) chosen.setAttribute("aria-pressed", name === this.tool);
    this.canvas.classList.toggle("nfm-drawing", this.tool !== "pan");
  }

  escape() {
    if (this.tool !== "pan") this.choose("pan");
    else if (this.isFocused) this.isFocused = false;
    this.redraw();
  }

  /** shifts: in 3-D moves the picture, which is turned else. */
  pan(dx, dy, shifts = false) {
    this.camera.panBy(dx, dy, shifts);
    this.move();
  }

  zoom(factor, [left, top] = []) {
    this.camera.zoomAt(factor, left, top);
    this.move();
  }

  home() {
    this.camera.home();
    this.move();
  }

  doubleClick() {
    if (this.tool !== "pan") return;
    if (this.masks?.arrays.selected) this.send("area", { op: "clear", space: this.overlay.space, polygon: [] });
    else this.home();
  }

  area(path, done = "replace") {
    this.drawn = path && { path, operation: done };
    this.redraw();
  }

  /** Send a drawn area, its corners to a quarter of a pixel. */
  take(path, done) {
    const corners = simplified(path);
    if (corners.length < 3) return;
    this.sendArea(corners.map(([left, top]) => this.camera.toUnit(left, top)), done);
  }

  /** Send corners in the unit square. */
  sendArea(corners, done) {
    const pixel = this.cloud.side / this.camera.scale;
    const digits = Math.min(12, Math.max(0, Math.ceil(-Math.log10(pixel / 4))));
    const polygon = corners.map((corner) =>
      this.cloud.toData(corner).map((at) => Number(at.toFixed(digits))));
    this.send("area", { op: done, space: this.overlay.space, polygon });
  }

  pointAt([left, top]) {
    return this.cloud ? this.cloud.pointAt(this.camera, [left, top], HOVER_RADIUS) : -1;
  }

  pick(place) {
    const point = this.pointAt(place);
    if (point >= 0) this.send("picked", this.cloud.rowOf(point));
    else if (this.isFocused) this.escape();
  }

  hover(place) {
    const point = place && !this.drawn ? this.pointAt(place) : -1;
    this.canvas.style.cursor = point >= 0 && this.tool === "pan" ? "pointer" : "";
    this.point(point);
  }

  /** Ring a point, or -1 for none, and tell of it. */
  point(point) {
    if (point !== this.pointed) {
      this.pointed = point;
      this.redraw();
      clearTimeout(this.asking);
      const row = point >= 0 ? this.cloud.rowOf(point) : -1;
      TWINS.point(this, row);
      if (row >= 0 && !this.cards.has(row)) {
        this.asking = setTimeout(() => this.send("hover", row), CARD_DELAY);
      }
    }
    this.showTip();
  }

  takeCard(card) {
    this.card = card;
    this.cards.set(card.row, card);
    for (const [row] of [...this.cards].slice(0, -CARDS_AT_MOST)) this.cards.delete(row);
    this.tree.say();
    this.showTip();
  }

  /** What is known of the point under the pointer: its class at once, the rest when it has come. */
  showTip() {
    const tip = this.find("tip");
    tip.hidden = !(this.pointed >= 0);
    if (tip.hidden) return;
    const row = this.cloud.rowOf(this.pointed);
    const card = this.cards.get(row);
    tip.replaceChildren(...(card ? cardParts(card) : [made("b", "", `row ${row.toLocaleString("en-US")}`)]));
    const code = this.paint.arrays.codes[this.pointed];
    const { legend } = this.paint.meta;
    const entry = legend.kind === "classes" && legend.entries.find((each) => each.code === code);
    if (entry && entry.name !== card?.label) {
      const line = made("div", "nfm-of");
      const swatch = made("i", "");
      swatch.style.background = this.palette[code];
      line.append(swatch, made("span", "", `${legend.title}: ${entry.name}`));
      tip.append(line);
    }
    const [x, y] = this.camera.toScreen(...this.cloud.unitOf(this.pointed));
    const [width, height] = this.camera.size;
    const fits = x + 14 + tip.offsetWidth < width;
    tip.style.left = `${fits ? x + 14 : Math.max(0, x - 14 - tip.offsetWidth)}px`;
    tip.style.top = `${Math.max(0, Math.min(y + 12, height - tip.offsetHeight - 4))}px`;
  }

  close() {
    [this.telling, this.linking, this.resting].forEach(clearTimeout);
    STORE.tell.delete(this.update);
    TWINS.leave(this);
    this.watcher.disconnect();
    this.painter.close();
    if (TWINS.isReplaced(this)) return;
    writeAddress(this.overlay?.second ? { second: "" } : { view: "", hidden: "", areas: "" });
  }
}

function cardParts({ picture, name, label, lines, row }) {
  const parts = [];
  if (picture) {
    const image = made("img", "");
    [image.src, image.alt] = [picture, ""];
    parts.push(image);
  }
  parts.push(made("b", "", name));
  for (const words of [label, ...lines, `row ${row.toLocaleString("en-US")}`]) {
    if (words) parts.push(made("div", "", words));
  }
  return parts;
}

function iconButton(title, path, act) {
  const element = button("", title, act);
  const [picture, line] = [document.createElementNS(SVG, "svg"), document.createElementNS(SVG, "path")];
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  picture.append(line);
  element.append(picture);
  return element;
}

const MAPS = new WeakMap();

/** Mount the map in an element, or go on with the one that is there; send: (name, value) => void. */
function mountMap(root, key, send) {
  let map = MAPS.get(root);
  if (!map) {
    map = new SpaceMap(root, key, send);
    MAPS.set(root, map);
    root.nearfieldMap = map;
  }
  map.send = send;
  return map;
}
