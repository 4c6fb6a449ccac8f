// A camera on an orbit around the stack of layers, and the gestures that move it.

const NEAREST_ZOOM = 0.35;
const FARTHEST_ZOOM = 6;
const HOME = { turn: -0.62, tilt: 0.42, zoom: 1, shiftX: 0.02, shiftY: 0.05 };
const HOME_DISTANCE = 5.25;
const FIELD_OF_VIEW = 0.6;

class Camera {
  constructor() {
    Object.assign(this, HOME);
  }

  reset(view = {}) {
    Object.assign(this, HOME, view);
  }

  /** Column-major matrix from the stack's space (z up) to clip space. */
  matrix(width, height) {
    const [sinTurn, cosTurn] = [Math.sin(this.turn), Math.cos(this.turn)];
    const [sinTilt, cosTilt] = [Math.sin(this.tilt), Math.cos(this.tilt)];
    const aspect = width / height;
    const fit = Math.min(1, aspect / 1.15);
    const distance = HOME_DISTANCE / (this.zoom * fit);
    const focal = 1 / Math.tan(FIELD_OF_VIEW / 2);
    // Rows of the view: right, up, backwards.
    const right = [cosTurn, sinTurn, 0];
    const up = [-sinTurn * sinTilt, cosTurn * sinTilt, cosTilt];
    const back = [sinTurn * cosTilt, -cosTurn * cosTilt, sinTilt];
    const near = 0.05;
    const far = 40;
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

/** Place of a point on the screen in CSS pixels; null behind the camera. */
function project(matrix, x, y, z, width, height) {
  const w = matrix[3] * x + matrix[7] * y + matrix[11] * z + matrix[15];
  if (w <= 0) return null;
  const clipX = matrix[0] * x + matrix[4] * y + matrix[8] * z + matrix[12];
  const clipY = matrix[1] * x + matrix[5] * y + matrix[9] * z + matrix[13];
  return [((clipX / w + 1) * width) / 2, ((1 - clipY / w) * height) / 2, w];
}

/** Drag turns, shift or the right button moves, wheel and pinch zoom; a still click picks. */
function followPointer(element, camera, { moved, hovered, picked }) {
  const held = new Map();
  let travelled = 0;
  let pinch = 0;
  const spread = () => {
    const [a, b] = [...held.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  element.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    travelled = 0;
    pinch = held.size === 2 ? spread() : 0;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) {
      hovered(event.offsetX, event.offsetY);
      return;
    }
    const [dx, dy] = [event.offsetX - before.x, event.offsetY - before.y];
    travelled += Math.abs(dx) + Math.abs(dy);
    held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (held.size === 2) {
      const now = spread();
      if (pinch > 0) camera.zoomBy(now / pinch);
      pinch = now;
    } else if (event.shiftKey || event.buttons === 2) {
      camera.shiftBy(dx, dy, element.clientWidth, element.clientHeight);
    } else {
      camera.turnBy(dx, dy);
    }
    moved();
  });
  const release = (event) => {
    if (!held.delete(event.pointerId)) return;
    if (event.type === "pointerup" && travelled < 4) picked(event.offsetX, event.offsetY);
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("pointerleave", () => hovered(-1, -1));
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      camera.zoomBy(Math.exp(-event.deltaY * 0.0012));
      moved();
    },
    { passive: false },
  );
}
