// Where the camera stands to see the layers, and the gestures that move it.

const CLOSE = { above: 0.26, stretch: 1.7 }; // one layer is seen from higher up, the others apart
const NEAR_CORNER = 1.15; // seen from near, the front corner of a plane reaches further down

/** Where the camera stands to see one layer, or the whole stack (`layer` null). */
function framing(scene, layer, width, height) {
  const [x, y] = scene.extent.map((side) => side + PLANE_MARGIN);
  const [sin, cos] = [Math.abs(Math.sin(HOME.turn)), Math.abs(Math.cos(HOME.turn))];
  const across = 2 * (cos * x + sin * y);
  const { above, stretch } = layer === null ? { above: 0, stretch: 1 } : CLOSE;
  const tilt = HOME.tilt + above;
  const deep = 2 * (sin * x + cos * y) * Math.sin(tilt);
  const layers = layer === null ? scene.layers - 1 : 0;
  const tall = layers * LAYER_STEP * Math.cos(tilt) + deep + FRAME_MARGIN;
  const share = 2 * Math.tan(FIELD_OF_VIEW / 2); // of a distance, that is seen at it
  const near = layer === null ? 1 : NEAR_CORNER;
  const distance = Math.max((near * tall) / share, across / (share * (width / height))) * 1.12;
  return { lift: layer === null ? 0 : heightOf(layer, scene.layers), distance, above, stretch };
}

/** Drag turns, shift or the right button moves, wheel and pinch zoom; a still click picks. */
function followPointer(element, camera, { moved, hovered, picked }) {
  const held = new Map();
  let traveled = 0;
  let pinch = 0;
  const spread = () => {
    const [a, b] = [...held.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  element.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    traveled = 0;
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
    traveled += Math.abs(dx) + Math.abs(dy);
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
    if (event.type === "pointerup" && traveled < 4) picked(event.offsetX, event.offsetY);
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
