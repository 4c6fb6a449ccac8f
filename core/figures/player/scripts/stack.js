// The layers themselves: planes, nodes and links, uploaded once for each scene.

const PLANE_MARGIN = 0.05;
const LAYER_STEP = 0.9; // seen from the usual tilt, no plane stands in front of another
const GRAY_FADE = 0.55; // the search stands out against what it walks through
const COLORED_FADE = 0.9;
const LINKS_FADE = 0.4; // a layer paler than this is drawn without links
const FRAME_MARGIN = 0.25; // room for names above and below a plane

/** Height of a layer's plane; layer 0 is lowest. */
function heightOf(layer, layers) {
  return (layer - (layers - 1) / 2) * LAYER_STEP;
}

function placeOf(scene, point, layer) {
  return [
    (scene.x[point] / 65535) * 2 - 1,
    (scene.y[point] / 65535) * 2 - 1,
    heightOf(layer, scene.layers),
  ];
}

/** Corners of every plane: around the data, whose longer side runs from -1 to 1. */
function planeCorners(scene) {
  const [x, y] = scene.extent.map((side) => side + PLANE_MARGIN);
  return [[-x, -y], [x, -y], [x, y], [-x, y]];
}

class Stack {
  constructor(painter, scene, theme) {
    this.painter = painter;
    this.scene = scene;
    this.nodes = [];
    this.links = [];
    this.planes = [];
    for (let layer = 0; layer < scene.layers; layer++) {
      this.nodes.push(this.nodesOf(layer));
      this.links.push(this.linksOf(layer, theme));
      this.planes.push(this.planeOf(layer, theme));
    }
  }

  nodesOf(layer) {
    const { scene, painter } = this;
    let count = 0;
    for (let point = 0; point < scene.points; point++) count += scene.level[point] >= layer;
    const place = new Float32Array(count * 3);
    const color = new Uint8Array(count * 4);
    const look = new Float32Array(count * 2);
    const crowded = count > 20000 ? 2 : count > 3000 ? 3 : 4;
    const size = layer === 0 || crowded < 4 ? crowded : 5 + Math.min(3, layer);
    const alpha = layer === 0 ? 200 : 255;
    let next = 0;
    for (let point = 0; point < scene.points; point++) {
      if (scene.level[point] < layer) continue;
      place.set(placeOf(scene, point, layer), next * 3);
      color.set(scene.color.subarray(point * 3, point * 3 + 3), next * 4);
      color[next * 4 + 3] = alpha;
      look[next * 2] = size;
      next += 1;
    }
    const fields = { place: [place, 3], color: [color, 4, true], look: [look, 2] };
    return painter.upload("points", count, fields);
  }

  linksOf(layer, theme) {
    const { scene, painter } = this;
    const [first, last] = [start(scene.link_end, layer), scene.link_end[layer]];
    const place = new Float32Array((last - first) * 6);
    const color = new Uint8Array((last - first) * 8);
    const crowd = Math.min(1, 4000 / Math.max(1, last - first));
    const alpha = Math.round(255 * (layer === 0 ? 0.03 + 0.12 * crowd : 0.04 + 0.14 * crowd * crowd));
    for (let link = first; link < last; link++) {
      const next = (link - first) * 2;
      place.set(placeOf(scene, scene.link_a[link], layer), next * 3);
      place.set(placeOf(scene, scene.link_b[link], layer), next * 3 + 3);
      color.set([...theme.link, alpha, ...theme.link, alpha], next * 4);
    }
    const fields = { place: [place, 3], color: [color, 4, true] };
    return painter.upload("lines", (last - first) * 2, fields);
  }

  planeOf(layer, theme) {
    const z = heightOf(layer, this.scene.layers);
    const corners = planeCorners(this.scene).map(([x, y]) => [x, y, z]);
    const fill = new Float32Array([0, 1, 2, 0, 2, 3].flatMap((corner) => corners[corner]));
    const edge = new Float32Array([0, 1, 1, 2, 2, 3, 3, 0].flatMap((corner) => corners[corner]));
    const paint = (count, alpha) =>
      new Uint8Array(Array.from({ length: count }, () => [...theme.plane, alpha]).flat());
    return {
      fill: this.painter.upload("lines", 6, {
        place: [fill, 3],
        color: [paint(6, theme.planeAlpha), 4, true],
      }),
      edge: this.painter.upload("lines", 8, {
        place: [edge, 3],
        color: [paint(8, 3 * theme.planeAlpha), 4, true],
      }),
    };
  }

  /** Draw one layer: its plane, its links, its nodes; `fade` is 1 for the layer in focus. */
  drawLayer(layer, { links, fade }) {
    const { painter, scene } = this;
    const nodes = scene.colored ? COLORED_FADE : GRAY_FADE;
    painter.draw(this.planes[layer].fill, { mode: painter.gl.TRIANGLES, fade });
    painter.draw(this.planes[layer].edge, { fade });
    if (links && fade > LINKS_FADE) {
      painter.draw(this.links[layer], { fade: (fade - LINKS_FADE) / (1 - LINKS_FADE) });
    }
    painter.draw(this.nodes[layer], { fade: fade * nodes });
  }

  /** Whether a layer has links to draw. */
  hasLinks(layer) {
    return this.links[layer].count > 0;
  }

  drop() {
    for (const batch of [...this.nodes, ...this.links]) this.painter.drop(batch);
    for (const { fill, edge } of this.planes) {
      this.painter.drop(fill);
      this.painter.drop(edge);
    }
  }
}
