// A camera on an orbit around what is drawn, z up, with its view as a text for the address.

const NEAREST_ZOOM = 0.35;
const FARTHEST_ZOOM = 6;
const HOME = { turn: -0.62, tilt: 0.3, zoom: 1, shiftX: 0, shiftY: 0 };
const FIELD_OF_VIEW = 0.6;

class Camera {
  constructor() {
    Object.assign(this, HOME);
  }

  reset(view = {}) {
    Object.assign(this, HOME, view);
  }

  /** Numbers that name the view; `HOME` gives none. */
  get named() {
    const { turn, tilt, zoom, shiftX, shiftY } = this;
    const rounded = (view) => view.map((value) => Number(value.toFixed(3)));
    const view = rounded([turn, tilt, zoom, shiftX, shiftY]);
    return view.join() === rounded(Object.values(HOME)).join() ? "" : view.join("_");
  }

  /**
   * Column-major matrix to clip space. The camera looks at height `lift` from `distance` away, before
   * zoom, from `above` the usual tilt; heights are drawn `stretch` times as far apart.
   */
  matrix(width, height, { lift = 0, distance: away, above = 0, stretch = 1 }) {
    const tilt = Math.min(1.5, this.tilt + above);
    const [sinTurn, cosTurn] = [Math.sin(this.turn), Math.cos(this.turn)];
    const [sinTilt, cosTilt] = [Math.sin(tilt), Math.cos(tilt)];
    const aspect = width / height;
    const distance = away / this.zoom;
    const focal = 1 / Math.tan(FIELD_OF_VIEW / 2);
    // Rows of the view: right, up, backwards.
    const right = [cosTurn, sinTurn, 0];
    const up = [-sinTurn * sinTilt, cosTurn * sinTilt, cosTilt];
    const back = [sinTurn * cosTilt, -cosTurn * cosTilt, sinTilt];
    const near = 0.05;
    const far = 60;
    const depth = (far + near) / (near - far);
    const depthShift = (2 * far * near) / (near - far);
    const out = new Float32Array(16);
    for (let axis = 0; axis < 3; axis++) {
      out[axis * 4] = (focal / aspect) * right[axis] - this.shiftX * back[axis];
      out[axis * 4 + 1] = focal * up[axis] - this.shiftY * back[axis];
      out[axis * 4 + 2] = depth * back[axis];
      out[axis * 4 + 3] = -back[axis];
    }
    out[12] = this.shiftX * distance;
    out[13] = this.shiftY * distance;
    out[14] = -depth * distance + depthShift;
    out[15] = distance;
    for (let row = 0; row < 4; row++) {
      out[8 + row] *= stretch;
      out[12 + row] -= lift * out[8 + row];
    }
    return out;
  }

  turnBy(dx, dy) {
    this.turn -= dx * 0.008;
    this.tilt = Math.min(1.5, Math.max(-1.5, this.tilt + dy * 0.008));
  }

  shiftBy(dx, dy, width, height) {
    this.shiftX += (2 * dx) / width;
    this.shiftY -= (2 * dy) / height;
  }

  zoomBy(factor) {
    this.zoom = Math.min(FARTHEST_ZOOM, Math.max(NEAREST_ZOOM, this.zoom * factor));
  }
}

/** A view named by `Camera.named`, or null for what is none. */
function cameraOf(text) {
  const [turn, tilt, zoom, shiftX, shiftY, ...more] = (text ?? "").split("_").map(Number);
  const known = [turn, tilt, zoom, shiftX, shiftY].every(Number.isFinite) && more.length === 0;
  if (!known || Math.abs(tilt) > 1.5 || zoom < NEAREST_ZOOM || zoom > FARTHEST_ZOOM) return null;
  return { turn, tilt, zoom, shiftX, shiftY };
}

/** Place of a point on the screen in CSS pixels; null behind the camera. */
function project(matrix, x, y, z, width, height) {
  const w = matrix[3] * x + matrix[7] * y + matrix[11] * z + matrix[15];
  if (w <= 0) return null;
  const clipX = matrix[0] * x + matrix[4] * y + matrix[8] * z + matrix[12];
  const clipY = matrix[1] * x + matrix[5] * y + matrix[9] * z + matrix[13];
  return [((clipX / w + 1) * width) / 2, ((1 - clipY / w) * height) / 2, w];
}
