// The player of an insertion: steps, chapters and words over three pictures.

const STEP_SPEEDS = [0.5, 1, 3, 10];
const STEP_SPEED = 1;
const STEP_ICONS = {
  first: "M5 4v12M16 4l-8 6 8 6z",
  back: "M14 4l-9 6 9 6z",
  play: "M5 3l12 7-12 7z",
  pause: "M5 4h3v12H5zM12 4h3v12h-3z",
  next: "M6 4l9 6-9 6z",
  last: "M15 4v12M4 4l8 6-8 6z",
};
const INSERTION_FRAME = `
<div class="nf-bar">
  <span class="nf-buttons"></span>
  <input class="nf-seek" type="range" min="0" step="1" aria-label="step">
  <output class="nf-count"></output>
  <label class="nf-speed"><select aria-label="steps per second"></select></label>
</div>
<div class="nf-chapters" role="group" aria-label="Parts of the insertion"></div>
<div class="nf-stage">
  <div class="nf-view"><canvas class="nf-around" role="img"></canvas></div>
  <div class="nf-side">
    <div class="nf-words" aria-live="polite"></div>
    <canvas class="nf-rule" role="img" aria-label="The two distances that the rule compares, and the triangle of candidate, kept neighbor and center"></canvas>
    <canvas class="nf-ranks" role="img" aria-label="Distances in order"></canvas>
  </div>
</div>
<div class="nf-legend"></div>
<div class="nf-tip" hidden></div>`;
const INSERTIONS = new WeakMap();

class InsertionPlayer {
  constructor(root) {
    this.root = root;
    root.classList.add("nf", "nf-insertion");
    root.tabIndex = 0;
    root.innerHTML = INSERTION_FRAME;
    this.find = (name) => root.querySelector(`.nf-${name}`);
    this.at = 0;
    this.playing = false;
    const hovered = (canvas) => (mark, event) => this.tell(mark, canvas, event);
    this.around = new AroundView(this.find("around"), { hovered: hovered(this.find("around")) });
    this.rule = new RuleView(this.find("rule"));
    this.ranks = new RankChart(this.find("ranks"), {
      picked: (place) => this.pick(place),
      hovered: hovered(this.find("ranks")),
    });
    this.makeControls();
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(root);
  }

  makeControls() {
    const actions = {
      first: ["To the start", () => this.seek(0)],
      back: ["One step back", () => this.seek(this.at - 1)],
      play: ["Play", () => this.toggle()],
      next: ["One step on", () => this.seek(this.at + 1)],
      last: ["To the end", () => this.seek(this.last)],
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
    for (const steps of STEP_SPEEDS) {
      speed.add(new Option(`${steps} step${steps === 1 ? "" : "s"}/s`, steps, false, steps === STEP_SPEED));
    }
    this.find("seek").addEventListener("input", (event) => this.seek(Number(event.target.value)));
    this.root.addEventListener("keydown", (event) => this.press(event));
  }

  face(button, icon, words) {
    button.title = words;
    button.setAttribute("aria-label", words);
    button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${STEP_ICONS[icon]}"/></svg>`;
  }

  press(event) {
    if (["INPUT", "SELECT"].includes(event.target.tagName)) return;
    const moves = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.last };
    if (event.key in moves) this.seek(moves[event.key]);
    else if (event.key === "PageDown") this.seek(this.chapterStep(1));
    else if (event.key === "PageUp") this.seek(this.chapterStep(-1));
    else if (event.key === " " && event.target.tagName !== "BUTTON") this.toggle();
    else return;
    event.preventDefault();
  }

  get last() {
    return this.content ? this.content.steps.length - 1 : 0;
  }

  get step() {
    return this.content.steps[this.at];
  }

  chapterAt() {
    return this.content.chapters.findLastIndex(({ step }) => step <= this.at);
  }

  chapterStep(by) {
    const { chapters } = this.content;
    return chapters[Math.min(chapters.length - 1, Math.max(0, this.chapterAt() + by))].step;
  }

  /** Show an insertion; the step is kept where it is the same one as before. */
  show(content) {
    this.theme = makeTheme(content.roles, getComputedStyle(this.root).fontFamily);
    this.root.classList.toggle("nf-dark", content.roles.dark);
    this.root.classList.toggle("nf-flat", !content.lengths); // without lengths there is no triangle
    const same = this.content?.id === content.id;
    this.content = content;
    this.find("around").setAttribute("aria-label", content.alt ?? "");
    this.find("seek").max = this.last;
    this.writeChapters();
    this.writeLegend();
    if (!same && this.playing) this.toggle();
    this.seek(same ? this.at : Math.min(this.last, content.open ?? 0));
  }

  writeChapters() {
    this.find("chapters").replaceChildren(
      ...this.content.chapters.map(({ title, step }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = title;
        button.addEventListener("click", () => this.seek(step));
        return button;
      }),
    );
  }

  writeLegend() {
    const { theme } = this;
    const items = [
      ["new item, or whose links are chosen", theme.textColor, "◆"],
      ["entry point", theme.css(theme.entry, 1), "◆"],
      ["on the walk, or asked now", theme.css(theme.current, 1), "○"],
      ["compared", theme.css(theme.visited, 1), "●"],
      ["kept", theme.css(theme.kept, 1), "●"],
      ["dropped", theme.css(theme.dropped, 1), "✕"],
      ["not asked", theme.css(theme.other, 1), "○"],
    ];
    this.find("legend").replaceChildren(
      ...items.map(([words, color, sign]) => {
        const item = document.createElement("span");
        const mark = document.createElement("i");
        mark.textContent = sign;
        mark.style.color = color;
        item.append(mark, words);
        return item;
      }),
    );
  }

  seek(at) {
    this.at = Math.min(this.last, Math.max(0, at));
    if (this.playing && this.at === this.last) this.toggle();
    this.find("seek").value = this.at;
    this.find("count").textContent = `step ${this.at + 1} of ${this.last + 1}`;
    [...this.find("chapters").children].forEach((button, i) =>
      button.setAttribute("aria-pressed", String(i === this.chapterAt())),
    );
    this.find("words").replaceChildren(
      ...this.step.words.map((text) => {
        const row = document.createElement("p");
        row.textContent = text;
        return row;
      }),
    );
    this.find("tip").hidden = true;
    this.redraw();
  }

  /** A click on a candidate goes to the step that asks it. */
  pick(place) {
    const { scene, kind } = this.step;
    if (["rule", "links", "back", "end"].includes(kind)) {
      const step = this.content.steps.findIndex((one) => one.scene === scene && one.kind === "rule" && one.at > place);
      if (step >= 0) this.seek(step);
    } else if (kind === "search") {
      this.seek(this.content.steps.findIndex((one) => one.scene === scene && one.kind === "search" && one.at >= place));
    }
  }

  toggle() {
    this.playing = !this.playing;
    const button = this.find("play");
    this.face(button, this.playing ? "pause" : "play", this.playing ? "Pause" : "Play");
    if (!this.playing) return;
    if (this.at === this.last) this.seek(0);
    let shownAt = performance.now();
    const go = (now) => {
      if (!this.playing || !this.root.isConnected) return;
      const speed = Number(this.find("speed").querySelector("select").value);
      const steps = Math.floor(((now - shownAt) * speed) / 1000);
      if (steps > 0) {
        shownAt += (steps * 1000) / speed;
        this.seek(this.at + steps);
      }
      if (this.playing) requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
  }

  redraw() {
    if (this.asked || !this.content) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = null;
      const begin = performance.now();
      const { step, theme, content } = this;
      const asks = ["rule", "pruned"].includes(step.kind);
      this.root.classList.toggle("nf-alone", step.scene < 0);
      this.root.classList.toggle("nf-asks", asks);
      this.around.draw(content, step, theme);
      this.ranks.draw(this.around, theme);
      const scene = content.scenes[step.scene];
      this.rule.draw(content, scene, asks ? this.around.current(false) : -1, theme);
      this.frameMilliseconds = performance.now() - begin;
    });
  }

  tell(mark, canvas, event) {
    const tip = this.find("tip");
    tip.hidden = !mark;
    if (!mark) return;
    const [name, distance, said] = [0, 1, 2].map(() => document.createElement("p"));
    const strong = document.createElement("b");
    strong.textContent = this.content.names[mark.row];
    name.append(strong);
    distance.textContent = `at ${written(mark.distance, 4)}`;
    said.textContent = mark.words;
    tip.replaceChildren(name, distance, said);
    const [frame, inside] = [this.root.getBoundingClientRect(), canvas.getBoundingClientRect()];
    const left = inside.left - frame.left + event.offsetX + 14;
    const fits = left + tip.offsetWidth < frame.width;
    tip.style.left = `${fits ? left : Math.max(0, left - tip.offsetWidth - 28)}px`;
    tip.style.top = `${inside.top - frame.top + event.offsetY + 14}px`;
  }

  close() {
    this.playing = false;
    this.watcher.disconnect();
  }
}

function mountInsertion(root, content) {
  let player = INSERTIONS.get(root);
  if (!player) {
    player = new InsertionPlayer(root);
    INSERTIONS.set(root, player);
    root.nearfieldInsertion = player;
  }
  player.show(content);
  return player;
}
