// Where the visitor looks in 3-D: the orbit camera around the middle of the unit cube.

const FILLED = 0.84; // of the largest distance from the middle, which few points have
const FULL_SIZE = 26; // pixels of an axis in the corner
const CORNER = [46, 46]; // of the picture, from its left and its bottom
const NOWHERE = [NaN, NaN, Infinity]; // of what is behind the camera; a canvas draws nothing there

class DeepCamera extends Camera {
  constructor() {
    super();
    this.size = [1, 1];
    this.radius = 0.5;
    this.haze = 0.4; // how pale the farthest points are
  }

  home() {
    this.reset();
  }

  get isHome() {
    return this.named === "";
  }

  frame(cloud) {
    this.radius = cloud.radius;
  }

  /** How far away it stands, before zoom: the ball around most points fills the shorter side. */
  get away() {
    const [width, height] = this.size;
    return (FILLED * this.radius) / Math.sin(FIELD_OF_VIEW / 2) / Math.min(1, width / Math.max(1, height));
  }

  /** The distance of the middle. */
  get reach() {
    return this.away / this.zoom;
  }

  /** Column-major matrix from the unit cube to clip space. */
  get matrix() {
    const [width, height] = this.size;
    const out = super.matrix(width, height, { distance: this.away });
    for (let row = 0; row < 4; row++) out[12 + row] -= 0.5 * (out[row] + out[4 + row] + out[8 + row]);
    return out;
  }

  /** Unit cube -> pixels from the top left, and the distance. */
  toScreen(x, y, z) {
    return project(this.matrix, x, y, z, ...this.size) ?? NOWHERE;
  }

  /** A drag turns, or moves the picture where `shifts`. */
  panBy(dx, dy, shifts = false) {
    if (shifts) this.shiftBy(dx, dy, ...this.size);
    else this.turnBy(dx, dy);
  }

  zoomAt(factor) {
    this.zoomBy(factor);
  }

  /** Take a view from a link; what is none changes nothing. */
  take(text) {
    const view = cameraOf(text);
    if (view) this.reset(view);
  }

  /** Ends of the three axes in the corner, pixels from the top left, the farthest first. */
  axisEnds() {
    const [sinTurn, cosTurn] = [Math.sin(this.turn), Math.cos(this.turn)];
    const [sinTilt, cosTilt] = [Math.sin(this.tilt), Math.cos(this.tilt)];
    const middle = [CORNER[0], this.size[1] - CORNER[1]];
    return [
      [cosTurn, -sinTurn * sinTilt, sinTurn * cosTilt],
      [sinTurn, cosTurn * sinTilt, -cosTurn * cosTilt],
      [0, cosTilt, sinTilt],
    ]
      .map(([right, up, back], axis) => ({
        axis, back, from: middle, to: [middle[0] + FULL_SIZE * right, middle[1] - FULL_SIZE * up],
      }))
      .sort((a, b) => a.back - b.back);
  }
}

/** Regions [name, x, y, size, color, level, z] that look largest first: large ones and near ones. */
function apparentFirst(regions, place) {
  return regions
    .map((region) => [region, region[3] / place(region[1], region[2], region[6])[2] ** 2])
    .sort(([, a], [, b]) => b - a)
    .map(([region]) => region);
}
