// The player: one or two searches on the same layers, moved by one set of controls.

const SPEEDS = [1, 3, 8, 25];
const USUAL_SPEED = 3;
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
  <label class="nf-toggle"><input type="checkbox" checked> links</label>
  <button type="button" class="nf-home">Reset view</button>
</div>
<div class="nf-stage"></div>
<div class="nf-legend"></div>
<div class="nf-tip" hidden></div>`;
const PANE = `
<div class="nf-view"><canvas class="nf-base"></canvas><canvas class="nf-gl" role="img"></canvas><div class="nf-labels"></div>
  <div class="nf-title"></div></div>
<div class="nf-side"><canvas class="nf-chart" role="img" aria-label="True distance to the query of every node expanded and visited, hop by hop"></canvas><div class="nf-words" aria-live="polite"></div></div>`;

class Player {
  constructor(root, { picked }) {
    this.root = root;
    this.picked = picked;
    root.classList.add("nf");
    root.tabIndex = 0;
    root.innerHTML = FRAME;
    this.find = (name) => root.querySelector(`.nf-${name}`);
    this.panes = [];
    this.hop = 0;
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
      last: ["To the answer", () => this.seek(this.lastHop)],
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
    this.find("toggle").querySelector("input").addEventListener("change", (event) => {
      for (const pane of this.panes) pane.view.links = event.target.checked;
      this.redraw();
    });
    this.find("home").addEventListener("click", () => this.turn({ ...HOME }));
    this.root.addEventListener("keydown", (event) => this.press(event));
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

  /** Show searches on a scene; the hop is kept where the searches are the same as before. */
  show(scene, content) {
    this.theme = makeTheme(content.roles, getComputedStyle(this.root).fontFamily);
    this.root.classList.toggle("nf-dark", content.roles.dark);
    this.root.classList.toggle("nf-two", content.searches.length > 1);
    this.setPanes(content.searches.length);
    this.content = content;
    const replays = content.searches.map((search) => new Replay(search, scene));
    const longest = Math.max(...replays.map((replay) => replay.hops));
    this.panes.forEach((pane, i) => {
      pane.replay = replays[i];
      pane.view.canvas.setAttribute("aria-label", content.searches[i].alt);
      pane.title.textContent = content.searches.length > 1 ? content.searches[i].title : "";
      pane.view.show(scene, replays[i], this.theme);
      pane.chart.show(replays[i], this.theme, longest);
      if (!pane.view.works) pane.words.textContent = "This browser offers no WebGL, which the layers need.";
    });
    this.writeLegend(scene);
    this.find("seek").max = this.lastHop;
    const same = this.shown === content.id;
    this.shown = content.id;
    this.seek(same ? this.hop : this.lastHop);
  }

  setPanes(count) {
    while (this.panes.length > count) this.panes.pop().root.remove();
    while (this.panes.length < count) {
      const root = document.createElement("div");
      root.className = "nf-pane";
      root.innerHTML = PANE;
      this.find("stage").append(root);
      const pane = { root, words: root.querySelector(".nf-words"), title: root.querySelector(".nf-title") };
      pane.view = new LayersView(root, {
        turned: (camera) => this.turn(camera),
        hovered: (hit, x, y) => this.tell(pane, hit, pane.view.canvas, x, y),
        picked: (row) => this.picked(row),
      });
      pane.chart = new DistanceChart(root.querySelector(".nf-chart"), {
        scrubbed: (hop) => this.seek(hop),
        hovered: (hit, event) =>
          this.tell(pane, hit, pane.chart.canvas, event?.offsetX, event?.offsetY),
      });
      this.panes.push(pane);
    }
  }

  writeLegend(scene) {
    const items = [
      ["query", "text", "◆"], ["entry point", "entry", "◆"], ["expanded", "expanded", "●"],
      ["visited", "visited", "●"], ["in the beam", "found", "●"], ["true neighbor", "truth", "○"],
      ["found", "truth", "●"], ["missed", "missed", "✕"],
    ].map(([words, role, sign]) => [words, this.theme.css(this.theme[role], 1), sign]);
    const classes = scene.legend.map(([words, color]) => [words, color, "●"]);
    this.find("legend").replaceChildren(
      ...[...items, ...classes].map(([words, color, sign]) => {
        const item = document.createElement("span");
        const mark = document.createElement("i");
        mark.textContent = sign;
        mark.style.color = color;
        item.append(mark, words);
        return item;
      }),
    );
  }

  turn(camera) {
    const { turn, tilt, zoom, shiftX, shiftY } = camera;
    for (const pane of this.panes) pane.view.camera.reset({ turn, tilt, zoom, shiftX, shiftY });
    this.redraw();
  }

  seek(hop) {
    this.hop = Math.min(this.lastHop, Math.max(0, hop));
    if (this.playing && this.hop === this.lastHop) this.toggle();
    this.find("seek").value = this.hop;
    this.find("count").textContent = `hop ${this.hop} of ${this.lastHop}`;
    this.redraw();
  }

  toggle() {
    this.playing = !this.playing;
    const button = this.find("play");
    this.face(button, this.playing ? "pause" : "play", this.playing ? "Pause" : "Play");
    if (!this.playing) return;
    if (this.hop === this.lastHop) this.seek(0);
    let shownAt = performance.now();
    const go = (now) => {
      if (!this.playing || !this.root.isConnected) return;
      const speed = Number(this.find("speed").querySelector("select").value);
      const hops = Math.floor(((now - shownAt) * speed) / 1000);
      if (hops > 0) {
        shownAt += (hops * 1000) / speed;
        this.seek(this.hop + hops);
      }
      if (this.playing) requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
  }

  redraw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = null;
      const begin = performance.now();
      for (const pane of this.panes) this.drawPane(pane);
      this.frameMilliseconds = performance.now() - begin;
    });
  }

  drawPane(pane) {
    if (!pane.replay) return;
    const hop = Math.min(this.hop, pane.replay.hops);
    pane.view.draw(hop);
    pane.chart.draw(hop);
    if (pane.view.works) pane.words.replaceChildren(...wordsOf(pane.replay, hop));
  }

  /** A tip beside the pointer about the node under it. */
  tell(pane, hit, canvas, x, y) {
    const tip = this.find("tip");
    tip.hidden = !hit;
    canvas.style.cursor = hit ? "pointer" : "";
    if (!hit) return;
    tip.replaceChildren(...tipOf(pane.replay, hit));
    const [frame, inside] = [this.root.getBoundingClientRect(), canvas.getBoundingClientRect()];
    const left = inside.left - frame.left + x + 14;
    const fits = left + tip.offsetWidth < frame.width;
    tip.style.left = `${fits ? left : Math.max(0, left - tip.offsetWidth - 28)}px`;
    tip.style.top = `${inside.top - frame.top + y + 14}px`;
  }

  close() {
    this.playing = false;
    this.watcher.disconnect();
    for (const pane of this.panes) pane.view.close();
  }
}
