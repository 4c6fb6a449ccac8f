// The map for keys and screen readers: a tree of its regions, and in each its items.

const TREE_KEYS =
  "Up and down go from region to region, Right or Enter into its items from the densest place " +
  "outward, Left or Escape back. Enter chooses an item. S selects the outlined points, with Shift " +
  "it adds them, with Alt it takes them away. Plus, minus and 0 zoom.";

class MapTree {
  constructor(map, view) {
    this.map = map;
    this.root = made("div", "nfm-tree");
    this.said = made("div", "nfm-said");
    this.root.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "tree", "aria-label": "Regions of the map and their items", "aria-description": TREE_KEYS,
    })) this.root.setAttribute(name, value);
    this.said.setAttribute("aria-live", "polite");
    view.append(this.root, this.said);
    [this.regions, this.at, this.item, this.isFocused] = [[], 0, -1, false];
    this.root.addEventListener("focus", () => this.focus(true));
    this.root.addEventListener("blur", () => this.focus(false));
    this.root.addEventListener("keydown", (event) => this.press(event));
  }

  /** Take the regions of an overlay: those of the widest view, or of all views where none is. */
  receive(overlay) {
    if (overlay.regions === this.known?.regions && overlay.walk === this.known?.walk) return;
    const same = JSON.stringify([overlay.regions, overlay.walk, overlay.space]);
    this.known = overlay;
    if (same === this.same) return;
    this.same = same;
    const named = overlay.regions.length ? overlay.regions : overlay.walk;
    const wide = named.filter(([, , , , , level]) => level === 0);
    const { cloud } = this.map;
    this.regions = (wide.length ? wide : named).map(([name, x, y, size, , , ...z]) =>
      ({ name, size, place: cloud.toUnit([x, y, ...z]) }));
    if (!this.regions.length) this.regions = [{ name: "All points", size: cloud.count, place: cloud.densest() }];
    [this.at, this.item] = [0, -1];
    this.build();
  }

  build() {
    this.root.replaceChildren(...this.regions.map(({ name, size }, at) => {
      const item = treeItem(`${name}, ${size.toLocaleString("en-US")} points`, 1, at, this.regions.length);
      item.id = `nfm-region-${at}`;
      item.setAttribute("aria-expanded", "false");
      return item;
    }));
    this.leaf = treeItem("", 2, 0, 1);
    this.leaf.id = "nfm-item";
    this.group = made("div", "");
    this.group.setAttribute("role", "group");
    this.group.append(this.leaf);
  }

  get region() {
    return this.regions[this.at];
  }

  /** The points of the region, and their outline; found when first asked for. */
  get around() {
    const { cloud, masks, legend } = this.map;
    const now = [cloud, masks, legend.hidden, this.region];
    if (!this.found || now.some((part, at) => part !== this.found.now[at])) {
      const rivals = this.regions.filter((other) => other !== this.region).map(({ place }) => place);
      this.found = { now, ...pointsAround(cloud, this.region.place, this.region.size, rivals) };
    }
    return this.found;
  }

  get point() {
    return this.item < 0 ? -1 : this.around.points[this.item] ?? -1;
  }

  focus(isFocused) {
    this.isFocused = isFocused;
    if (!this.map.overlay) return;
    if (isFocused) this.go();
    else this.map.point(-1);
    this.map.redraw();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || !this.map.overlay) return;
    const act = event.code === "KeyS" ? () => this.select(event) : this.acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  get acts() {
    const isItem = this.item >= 0;
    const { map } = this;
    return {
      ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity),
      ArrowRight: () => (isItem ? null : this.enter()), ArrowLeft: () => this.back(), Escape: () => this.back(),
      Enter: () => (isItem ? map.send("picked", map.cloud.rowOf(this.point)) : this.enter()),
      "+": () => this.zoom(1.3), "=": () => this.zoom(1.3), "-": () => this.zoom(1 / 1.3), 0: () => map.home(),
    };
  }

  step(by) {
    const isItem = this.item >= 0;
    const last = (isItem ? this.around.points.length : this.regions.length) - 1;
    const next = Math.min(last, Math.max(0, (isItem ? this.item : this.at) + by));
    if (isItem) this.item = next;
    else this.at = next;
    this.go();
  }

  enter() {
    if (this.around.points.length === 0) return;
    this.item = 0;
    this.go();
  }

  back() {
    this.item = -1;
    this.go();
  }

  zoom(factor) {
    this.map.zoom(factor, this.map.camera.toScreen(...this.place));
  }

  select(event) {
    if (this.around.outline.length) this.map.sendArea(this.around.outline, operation(event));
  }

  get place() {
    return this.point < 0 ? this.region.place : this.map.cloud.unitOf(this.point);
  }

  /** Show and say what is focused now. */
  go() {
    const { map, root } = this;
    const items = [...root.children];
    const isItem = this.item >= 0;
    items.forEach((item, at) => {
      item.setAttribute("aria-expanded", isItem && at === this.at);
      item.setAttribute("aria-selected", !isItem && at === this.at);
    });
    this.group.remove();
    if (isItem) {
      items[this.at].append(this.group);
      setPlace(this.leaf, this.item, this.around.points.length);
      this.leaf.setAttribute("aria-selected", true);
    }
    root.setAttribute("aria-activedescendant", isItem ? this.leaf.id : items[this.at].id);
    const [left, top] = map.camera.toScreen(...this.place);
    const [width, height] = map.camera.size;
    const isBeyond = left < 20 || top < 20 || left > width - 20 || top > height - 20;
    if (isBeyond && !map.isDeep) {
      [map.camera.x, map.camera.y] = this.place;
      map.move();
    }
    map.point(this.point);
    map.redraw();
    this.say();
  }

  say() {
    if (!this.isFocused) return;
    const told = (count) => count.toLocaleString("en-US");
    const { map } = this;
    const about = `${told(this.around.points.length)} about its densest place`;
    let words = `${this.region.name}, ${told(this.region.size)} points, ${about}, region ${this.at + 1} of ${this.regions.length}`;
    if (this.item >= 0) {
      const row = map.cloud.rowOf(this.point);
      const card = map.cards.get(row);
      const name = card ? [card.name, card.label, ...card.lines].filter(Boolean).join(", ") : `row ${told(row)}`;
      words = `${name}, ${told(this.item + 1)} of ${told(this.around.points.length)} in ${this.region.name}`;
      this.leaf.firstChild.textContent = words;
    }
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  /** The outline of the focused region, and what is focused in it. */
  draw(marks, radius) {
    if (!this.isFocused || !this.regions.length) return;
    const { camera, overlay } = this.map;
    if (this.around.outline.length) marks.area(this.around.outline.map((corner) => camera.toScreen(...corner)), overlay.colors.text);
    if (this.point < 0) return;
    marks.ring(camera.toScreen(...this.place), radius + 5, overlay.colors.text, overlay.colors.page, 2.6);
  }
}

function treeItem(words, level, at, count) {
  const item = made("div", "");
  item.setAttribute("role", "treeitem");
  item.setAttribute("aria-level", level);
  setPlace(item, at, count);
  item.append(made("span", "", words));
  return item;
}

function setPlace(item, at, count) {
  item.setAttribute("aria-posinset", at + 1);
  item.setAttribute("aria-setsize", count);
}
