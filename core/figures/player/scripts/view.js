// One picture: the stack of layers with a search in it, its labels, and what the pointer is on.

const HOVER_REACH = 9;
const NODE_FADE = 0.55; // the search stands out against what it walks through

class LayersView {
  constructor(root, { turned, hovered, picked }) {
    // The layers stay on a canvas of their own while the search above them moves.
    this.canvas = root.querySelector(".nf-gl");
    this.labels = root.querySelector(".nf-labels");
    this.base = new Painter(root.querySelector(".nf-base"));
    this.painter = new Painter(this.canvas);
    this.camera = new Camera();
    this.links = true;
    this.hop = 0;
    followPointer(this.canvas, this.camera, {
      moved: () => turned(this.camera),
      hovered: (x, y) => hovered(this.nearest(x, y), x, y),
      picked: (x, y) => {
        const hit = this.nearest(x, y);
        if (hit) picked(hit.row);
      },
    });
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

  draw(hop) {
    if (!this.scene || !this.works || this.canvas.clientWidth === 0) return;
    this.hop = hop;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.matrix = this.camera.matrix(width, height);
    const shown = [...this.matrix, width, height, window.devicePixelRatio, this.links].join();
    if (shown !== this.drawn) {
      this.drawn = shown;
      this.drawLayers();
      this.placeLabels(width, height);
    }
    this.painter.begin(this.matrix);
    this.marks.draw(hop);
  }

  /** All layers, from the farthest to the nearest. */
  drawLayers() {
    this.base.begin(this.matrix);
    const layers = [...Array(this.scene.layers).keys()];
    if (this.camera.tilt < 0) layers.reverse();
    for (const layer of layers) this.stack.drawLayer(layer, { links: this.links, fade: NODE_FADE });
  }

  close() {
    for (const painter of [this.base, this.painter]) {
      painter.gl?.getExtension("WEBGL_lose_context")?.loseContext();
    }
  }

  /** Each label stands at the corner of its plane that is leftmost on the screen. */
  placeLabels(width, height) {
    [...this.labels.children].forEach((label, layer) => {
      const z = heightOf(layer, this.scene.layers);
      const seen = planeCorners(this.scene)
        .map(([x, y]) => project(this.matrix, x, y, z, width, height))
        .filter(Boolean)
        .sort((a, b) => a[0] - b[0])[0];
      label.hidden = !seen;
      if (!seen) return;
      const x = Math.min(Math.max(6, seen[0] - 12), width - label.offsetWidth - 6);
      const y = Math.min(Math.max(10, seen[1] - 12), height - 10);
      label.style.transform = `translate(${x}px, ${y}px)`;
    });
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
