// The player: one or two searches on the same layers, moved by one set of controls.

const SPEEDS = [1, 3, 8, 25];
const USUAL_SPEED = 3;
const SLOW_ENOUGH = 1; // hops per second up to which the lines of code are lit one by one
const CODE_LINES = 4;
const MISSED_AT_MOST = 5;
const SETTLED = 350; // milliseconds after the last step at which the address is written
const ICONS = {
  first: "M5 4v12M16 4l-8 6 8 6z",
  back: "M14 4l-9 6 9 6z",
  play: "M5 3l12 7-12 7z",
  pause: "M5 4h3v12H5zM12 4h3v12h-3z",
  next: "M6 4l9 6-9 6z",
  last: "M15 4v12M4 4l8 6-8 6z",
};
const FRAME = `
<div class="nf-bar">
  <span class="nf-buttons"></span>
  <input class="nf-seek" type="range" min="0" step="1" aria-label="hop">
  <output class="nf-count"></output>
  <label class="nf-speed"><select aria-label="hops per second"></select></label>
  <label class="nf-toggle"><input class="nf-links" type="checkbox" checked> links</label>
  <label class="nf-toggle"><input class="nf-follow" type="checkbox" checked> follow</label>
  <button type="button" class="nf-home">Reset view</button>
  <button type="button" class="nf-copy" hidden>Copy link</button>
</div>
<div class="nf-stage"><button type="button" class="nf-start">Play the search</button></div>
<div class="nf-legend"></div>
<div class="nf-tip" hidden></div>`;
const PANE = `
<div class="nf-view"><canvas class="nf-base"></canvas><canvas class="nf-gl" role="img"></canvas><div class="nf-labels"></div>
  <div class="nf-names"></div><div class="nf-title"></div></div>
<div class="nf-side"><div class="nf-words" aria-live="polite"><div class="nf-story"></div><p class="nf-missed" hidden></p></div>
  <canvas class="nf-chart" role="img" aria-label="True distance to the query of every node expanded and visited, hop by hop"></canvas></div>`;

/** What tells one query from another, whatever k, ef and the colors are. */
function queryOf({ graph, searches: [{ item, query, entry_distance }] }) {
  return [graph, item, query, entry_distance].join();
}

class Player {
  /** linked: whether the step and the camera are kept in the page's address. */
  constructor(root, { picked, linked }) {
    this.root = root;
    this.picked = picked;
    this.linked = linked;
    root.classList.add("nf");
    root.tabIndex = 0;
    root.innerHTML = FRAME;
    this.find = (name) => root.querySelector(`.nf-${name}`);
    this.panes = [];
    this.hop = 0;
    this.phase = null;
    this.playing = false;
    this.makeControls();
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(root);
  }

  makeControls() {
    const actions = {
      first: ["To the start", () => this.seek(0)],
      back: ["One hop back", () => this.seek(this.hop - 1)],
      play: ["Play", () => this.toggle()],
      next: ["One hop on", () => this.seek(this.hop + 1)],
      last: ["To the answer", () => this.seek(this.lastStep)],
    };
    for (const [name, [words, act]] of Object.entries(actions)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `nf-${name}`;
      this.find("buttons").append(button);
      this.face(button, name, words);
      button.addEventListener("click", act);
    }
    const speed = this.find("speed").querySelector("select");
    for (const hops of SPEEDS) speed.add(new Option(`${hops} hops/s`, hops, false, hops === USUAL_SPEED));
    this.find("seek").addEventListener("input", (event) => this.seek(Number(event.target.value)));
    this.switch("links", (view, on) => (view.links = on));
    this.switch("follow", (view, on) => (view.follows = on));
    this.find("home").addEventListener("click", () => {
      this.turn({ ...HOME });
      this.settle();
    });
    this.find("start").addEventListener("click", () => this.toggle());
    this.find("copy").hidden = !this.linked;
    this.find("copy").addEventListener("click", () => this.copyLink());
    this.root.addEventListener("keydown", (event) => this.press(event));
  }

  switch(name, set) {
    this.find(name).addEventListener("change", (event) => {
      for (const pane of this.panes) set(pane.view, event.target.checked);
      this.redraw();
    });
  }

  face(button, icon, words) {
    button.title = words;
    button.setAttribute("aria-label", words);
    button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  }

  press(event) {
    if (["INPUT", "SELECT"].includes(event.target.tagName)) return;
    const act = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (act) this.seek(this.hop + act);
    else if (event.key === " " && event.target.tagName !== "BUTTON") this.toggle();
    else return;
    event.preventDefault();
  }

  get lastHop() {
    return Math.max(0, ...this.panes.map((pane) => pane.replay?.hops ?? 0));
  }

  /** The step at which every search has ended. */
  get lastStep() {
    return this.lastHop + 1;
  }

  get speed() {
    return Number(this.find("speed").querySelector("select").value);
  }

  /**
   * Show searches on a scene. The step is kept where the query is the same as before, and the end
   * where that was shown; the first ones open as the address says, else before the search.
   */
  show(scene, content) {
    const asked = this.content || !this.linked ? { step: null, camera: null } : askedFor();
    const wasAtEnd = this.content && this.hop > 0 && this.hop === this.lastStep;
    const isSame = this.content?.id === content.id;
    const isSameQuery = this.content && queryOf(this.content) === queryOf(content);
    this.theme = makeTheme(content.roles, getComputedStyle(this.root).fontFamily);
    this.root.classList.toggle("nf-dark", content.roles.dark);
    this.root.classList.toggle("nf-two", content.searches.length > 1);
    this.setPanes(content.searches.length);
    [this.scene, this.content] = [scene, content];
    const replays = content.searches.map((search) => new Replay(search, scene));
    const longest = Math.max(...replays.map((replay) => replay.hops));
    this.panes.forEach((pane, i) => {
      pane.replay = replays[i];
      pane.told = "";
      pane.view.canvas.setAttribute("aria-label", content.searches[i].alt);
      pane.title.textContent = content.searches.length > 1 ? content.searches[i].title : "";
      pane.view.show(scene, replays[i], this.theme);
      pane.view.links = this.find("links").checked;
      pane.view.follows = this.find("follow").checked;
      pane.chart.show(replays[i], this.theme, longest);
      this.writeMissed(pane);
      if (!pane.view.works) pane.story.textContent = "This browser offers no WebGL, which the layers need.";
    });
    if (!isSame && this.playing) this.toggle();
    if (asked.camera) this.turn(asked.camera);
    this.find("seek").max = this.lastStep;
    this.point(null);
    const kept = isSameQuery ? this.hop : (asked.step ?? 0);
    this.seek(wasAtEnd && !isSame ? this.lastStep : kept);
  }

  setPanes(count) {
    while (this.panes.length > count) {
      const pane = this.panes.pop();
      pane.view.close();
      pane.root.remove();
    }
    while (this.panes.length < count) {
      const root = document.createElement("div");
      root.className = "nf-pane";
      root.innerHTML = PANE;
      this.find("stage").append(root);
      const part = (name) => root.querySelector(`.nf-${name}`);
      const pane = { root, story: part("story"), missed: part("missed"), title: part("title") };
      const acts = (canvas) => ({
        hovered: (hit, x, y) => this.tell(pane, hit, canvas, x, y),
        picked: (row) => this.picked(row),
      });
      pane.view = new LayersView(root, {
        ...acts(part("gl")),
        turned: (camera) => this.turn(camera),
        settled: () => this.settle(),
      });
      pane.chart = new DistanceChart(part("chart"), {
        ...acts(part("chart")),
        scrubbed: (hop) => this.seek(hop),
      });
      const { turn, tilt, zoom, shiftX, shiftY } = this.panes[0]?.view.camera ?? HOME;
      pane.view.camera.reset({ turn, tilt, zoom, shiftX, shiftY });
      this.panes.push(pane);
    }
  }

  /** The names of the missed neighbors; the pointer on one shows what would have led to it. */
  writeMissed(pane) {
    const { replay } = pane;
    const names = replay.missed.slice(0, MISSED_AT_MOST).map((row) => {
      const name = document.createElement("button");
      name.type = "button";
      name.textContent = replay.nameOf(row);
      const show = () => this.tell(pane, { row, layer: 0 }, pane.chart.canvas);
      for (const begin of ["pointerenter", "focus", "click"]) name.addEventListener(begin, show);
      for (const end of ["pointerleave", "blur"]) name.addEventListener(end, () => this.tell(pane, null));
      return name;
    });
    const more = replay.missed.length - names.length;
    pane.missed.replaceChildren("Missed: ", ...names, more > 0 ? ` and ${more} more` : "");
  }

  /** Legends of all panes as one, then the colors of the nodes. */
  writeLegend() {
    const items = new Map();
    for (const pane of this.panes) {
      if (!pane.view.works) continue;
      const step = Math.min(this.hop, pane.replay.end);
      for (const item of legendAt(pane, step)) items.set(item.sign + item.role + item.words, item);
    }
    const key = [...items.keys(), this.content.id, this.scene.id].join();
    if (key === this.legendShown) return;
    this.legendShown = key;
    const color = (role) => this.theme.css(this.theme[role], 1);
    const nodes = this.scene.colored
      ? this.scene.legend.map(([words, shade]) => legendItem({ sign: SIGNS.disc, words }, shade))
      : [legendItem({ sign: SIGNS.disc, words: "any other node" }, color("other"))];
    this.find("legend").replaceChildren(
      ...[...items.values()].map((item) => legendItem(item, color(item.role))),
      ...nodes,
    );
  }

  turn(camera) {
    const { turn, tilt, zoom, shiftX, shiftY } = camera;
    for (const pane of this.panes) pane.view.camera.reset({ turn, tilt, zoom, shiftX, shiftY });
    this.redraw();
  }

  seek(hop) {
    this.hop = Math.min(this.lastStep, Math.max(0, hop));
    if (this.playing && this.hop === this.lastStep) this.toggle();
    if (!this.playing) this.phase = null;
    this.find("seek").value = this.hop;
    const ended = this.hop === this.lastStep;
    this.find("count").textContent = ended
      ? `end, after ${counted(this.lastHop, "hop")}`
      : `hop ${this.hop} of ${this.lastHop}`;
    this.find("start").hidden = this.hop > 0 || this.playing;
    this.settle();
    this.redraw();
  }

  toggle() {
    this.playing = !this.playing;
    const button = this.find("play");
    this.face(button, this.playing ? "pause" : "play", this.playing ? "Pause" : "Play");
    if (!this.playing) {
      this.phase = null;
      this.settle();
      this.redraw();
      return;
    }
    this.seek(this.hop === this.lastStep ? 0 : this.hop);
    let shownAt = performance.now();
    const go = (now) => {
      if (!this.playing || !this.root.isConnected) return;
      const { speed } = this;
      const gone = ((now - shownAt) * speed) / 1000;
      const hops = Math.floor(gone);
      if (hops > 0) {
        shownAt += (hops * 1000) / speed;
        this.seek(this.hop + hops);
      }
      const phase = speed > SLOW_ENOUGH ? null : Math.floor((gone - hops) * CODE_LINES);
      if (this.playing && phase !== this.phase) {
        this.phase = phase;
        this.redraw();
      }
      if (this.playing) requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
  }

  /** Write the address once nothing moves any more. */
  settle() {
    clearTimeout(this.settling);
    if (!this.linked || !this.content) return;
    this.settling = setTimeout(() => {
      if (!this.playing && this.root.isConnected) writeLink(this.named());
    }, SETTLED);
  }

  /** What the address says of this view. */
  named() {
    const { chosen } = this.content;
    const camera = this.panes[0].view.camera.named;
    return { step: this.hop === 0 ? "" : this.hop, camera, chosen: chosen < 0 ? "" : chosen };
  }

  async copyLink() {
    writeLink(this.named());
    const button = this.find("copy");
    button.textContent = (await copyText(location.href)) ? "Copied" : "Copy it from the address";
    setTimeout(() => (button.textContent = "Copy link"), 1500);
  }

  redraw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = null;
      const begin = performance.now();
      const moving = this.panes.map((pane) => this.drawPane(pane)).some(Boolean);
      if (this.content && this.panes.some((pane) => pane.view.works)) this.writeLegend();
      this.frameMilliseconds = performance.now() - begin;
      if (moving) this.redraw();
    });
  }

  /** Draw one search; true while its camera moves. */
  drawPane(pane) {
    if (!pane.replay) return false;
    const step = Math.min(this.hop, pane.replay.end);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const moving = pane.view.draw(step, calm ? 0 : this.playing ? Math.min(GLIDE, 900 / this.speed) : GLIDE);
    pane.chart.draw(step);
    const told = `${step}/${this.phase}`;
    if (pane.view.works && pane.told !== told) {
      pane.told = told;
      pane.story.replaceChildren(...storyElements(storyOf(pane.replay, step), this.phase));
      pane.missed.hidden = step < pane.replay.end || pane.replay.missed.length === 0;
    }
    return moving;
  }

  /** Ring a row in every picture, and draw the walk to it where it was missed. */
  point(hit) {
    for (const pane of this.panes) {
      if (!pane.view.works) continue;
      pane.chart.pointed = hit ? hit.row : null;
      pane.view.marks.point(hit ? hit.row : null, hit ? hit.layer : 0);
      pane.view.pathShown = hit !== null && pane.replay.pathTo(hit.row).length > 1;
    }
    this.redraw();
  }

  /** A tip about a node: beside the pointer on it, else over the canvas, as far as the window allows. */
  tell(pane, hit, canvas, x = null, y = null) {
    const tip = this.find("tip");
    const row = hit ? hit.row : null;
    if (row !== this.told) this.point(hit ?? null);
    this.told = row;
    tip.hidden = !hit;
    if (!hit) {
      this.root.querySelectorAll("canvas").forEach((one) => (one.style.cursor = ""));
      return;
    }
    canvas.style.cursor = "pointer";
    tip.replaceChildren(...tipOf(pane.replay, hit));
    const [frame, inside] = [this.root.getBoundingClientRect(), canvas.getBoundingClientRect()];
    const left = inside.left - frame.left + (x ?? 0) + 14;
    const fits = left + tip.offsetWidth < frame.width;
    tip.style.left = `${fits ? left : Math.max(0, left - tip.offsetWidth - 28)}px`;
    const top = inside.top - frame.top + (y ?? 0) + 14;
    const lowest = window.innerHeight - frame.top - tip.offsetHeight;
    const instead = y === null ? lowest - 8 : top - tip.offsetHeight - 28;
    tip.style.top = `${top > lowest ? Math.max(0, instead) : top}px`;
  }

  close() {
    this.playing = false;
    clearTimeout(this.settling);
    if (this.linked) writeLink({ step: "", camera: "", chosen: "" });
    this.watcher.disconnect();
    for (const pane of this.panes) pane.view.close();
  }
}
