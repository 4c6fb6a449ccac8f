// One picture: the stack of layers with a search in it, its labels, and what the pointer is on.

const HOVER_REACH = 9;
const LABEL_HEIGHT = 16;
const PALE = 0.14; // layers beside the one that the search is on
const GLIDE = 500; // milliseconds from one layer to the next
const SLOW_FRAME = 45; // where drawing all layers takes longer, the camera jumps

class LayersView {
  constructor(root, { turned, hovered, picked, settled }) {
    // The layers stay on a canvas of their own while the search above them moves.
    this.canvas = root.querySelector(".nf-gl");
    this.labels = root.querySelector(".nf-labels");
    this.names = new NodeNames(root.querySelector(".nf-names"));
    this.base = new Painter(root.querySelector(".nf-base"));
    this.painter = new Painter(this.canvas);
    this.camera = new Camera();
    this.links = true;
    this.follows = true;
    this.frameTime = 0;
    followPointer(this.canvas, this.camera, {
      moved: () => turned(this.camera),
      hovered: (x, y) => hovered(this.nearest(x, y), x, y),
      picked: (x, y) => {
        const hit = this.nearest(x, y);
        if (hit) picked(hit.row);
      },
    });
    this.canvas.addEventListener("pointerup", settled);
    this.canvas.addEventListener("wheel", settled, { passive: true });
  }

  get works() {
    return Boolean(this.base.gl && this.painter.gl);
  }

  show(scene, replay, theme) {
    if (!this.works) return;
    if (this.scene !== scene || this.theme.dark !== theme.dark) {
      if (this.stack) this.stack.drop();
      this.stack = new Stack(this.base, scene, theme);
      this.drawn = "";
      this.frame = null;
      this.writeLabels(scene);
    }
    if (this.marks) this.marks.drop();
    [this.scene, this.theme, this.replay] = [scene, theme, replay];
    this.marks = new ReplayMarks(this.painter, replay, theme);
  }

  writeLabels(scene) {
    this.labels.replaceChildren(
      ...scene.layer_words.map((words) => {
        const label = document.createElement("div");
        label.textContent = words;
        return label;
      }),
    );
  }

  /** The layer that the camera follows the search to at a step; null for all of them. */
  focusAt(step) {
    return this.follows ? this.replay.layerOf(step) : null;
  }

  /** Draw a step; true while the camera is still on its way to the step's layer. */
  draw(step, glide = GLIDE) {
    if (!this.scene || !this.works || this.canvas.clientWidth === 0) return false;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const moving = this.approach(this.focusAt(step), width, height, glide);
    this.matrix = this.camera.matrix(width, height, this.frame);
    const paleness = this.frame.weights.map((weight) => weight.toFixed(2));
    const shown = [...this.matrix, width, height, window.devicePixelRatio, this.links, paleness].join();
    if (shown !== this.drawn) {
      this.drawn = shown;
      const begin = performance.now();
      this.drawLayers();
      this.frameTime = performance.now() - begin;
      this.placeLabels(width, height);
    }
    this.painter.begin(this.matrix);
    this.marks.draw(step, this.frame.weights);
    this.names.place(this, step, width, height);
    return moving;
  }

  /** Bring the camera nearer to where it sees the layer `focus`; true while it is not there. */
  approach(focus, width, height, glide) {
    const weights = [...Array(this.scene.layers).keys()].map((layer) =>
      focus === null || focus === layer ? 1 : PALE,
    );
    const goal = { ...framing(this.scene, focus, width, height), weights };
    const now = performance.now();
    const jump = !this.frame || glide <= 0 || this.frameTime > SLOW_FRAME || width !== this.width;
    if (jump) [this.from, this.left] = [goal, -Infinity];
    else if (focus !== this.focus) [this.from, this.left, this.glide] = [this.frame, now, glide];
    [this.focus, this.width] = [focus, width];
    const share = Math.min(1, (now - this.left) / (this.glide ?? GLIDE));
    const eased = share * share * (3 - 2 * share);
    const between = (from, to) => from + (to - from) * eased;
    this.frame = {
      lift: between(this.from.lift, goal.lift),
      distance: between(this.from.distance, goal.distance),
      above: between(this.from.above, goal.above),
      stretch: between(this.from.stretch, goal.stretch),
      weights: weights.map((weight, layer) => between(this.from.weights[layer], weight)),
    };
    return share < 1;
  }

  /** All layers, from the farthest to the nearest. */
  drawLayers() {
    this.base.begin(this.matrix);
    const layers = [...Array(this.scene.layers).keys()];
    if (this.camera.tilt < 0) layers.reverse();
    for (const layer of layers) {
      this.stack.drawLayer(layer, { links: this.links, fade: this.frame.weights[layer] });
    }
  }

  /** Whether links of layers are drawn at a step. */
  showsLinks(step) {
    const focus = this.focusAt(step);
    const layers = focus === null ? [...Array(this.scene.layers).keys()] : [focus];
    return this.links && layers.some((layer) => this.stack.hasLinks(layer));
  }

  close() {
    for (const painter of [this.base, this.painter]) {
      painter.gl?.getExtension("WEBGL_lose_context")?.loseContext();
    }
  }

  /** Each label stands at the corner of its plane that is leftmost on the screen. */
  placeLabels(width, height) {
    const { weights } = this.frame;
    const placed = [];
    const strongest = [...this.labels.children]
      .map((label, layer) => ({ label, layer }))
      .sort((a, b) => weights[b.layer] - weights[a.layer]);
    for (const { label, layer } of strongest) {
      const z = heightOf(layer, this.scene.layers);
      const seen = planeCorners(this.scene)
        .map(([x, y]) => project(this.matrix, x, y, z, width, height))
        .filter(Boolean)
        .sort((a, b) => a[0] - b[0])[0];
      const inside = seen && seen[1] > 0 && seen[1] < height;
      const free = inside && placed.every((other) => Math.abs(other - seen[1]) > LABEL_HEIGHT);
      label.hidden = !free;
      if (!free) continue;
      placed.push(seen[1]);
      label.style.opacity = Math.max(0.35, weights[layer]);
      const x = Math.min(Math.max(6, seen[0] - 12), width - label.offsetWidth - 6);
      const y = Math.min(Math.max(10, seen[1] - 14), height - 10);
      label.at = [x, y];
      label.style.transform = `translate(${x}px, ${y}px)`;
    }
  }

  /** Where the labels of the layers stand. */
  labelBoxes() {
    return [...this.labels.children]
      .filter((label) => !label.hidden)
      .map(({ offsetWidth, at: [left, top] }) => ({
        left, top: top - 10, right: left + offsetWidth, bottom: top + 10,
      }));
  }

  /** Place of a row of a layer on the screen, or null. */
  seenAt(row, layer) {
    const place = this.replay.place(row, layer);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return place && project(this.matrix, ...place, width, height);
  }

  /** The node nearest to a place on the screen, upper layers first: {row, layer}, or null. */
  nearest(x, y) {
    if (!this.scene || !this.matrix || x < 0) return null;
    const { scene } = this;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    let [best, reach] = [null, HOVER_REACH];
    for (let layer = scene.layers - 1; layer >= 0; layer--) {
      const z = heightOf(layer, scene.layers);
      const offer = (row, px, py) => {
        const seen = project(this.matrix, (px / 65535) * 2 - 1, (py / 65535) * 2 - 1, z, width, height);
        const gap = seen ? Math.hypot(seen[0] - x, seen[1] - y) : Infinity;
        if (gap < reach) [best, reach] = [{ row, layer }, gap];
      };
      for (let point = 0; point < scene.points; point++) {
        if (scene.level[point] >= layer) offer(scene.row[point], scene.x[point], scene.y[point]);
      }
      if (layer > 0) continue;
      const { search } = this.replay;
      search.extra_row.forEach((row, i) => offer(row, search.extra_x[i], search.extra_y[i]));
    }
    return best;
  }
}
