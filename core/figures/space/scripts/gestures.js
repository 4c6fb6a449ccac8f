// Pointer, wheel and keys: what a visitor does with the picture.

const CLICK_TRAVEL = 5;
const WHEEL = 0.0016;

/** Tell `map` of gestures on its canvas: pan, zoom, hover, pick, drawn areas. */
function listenTo(canvas, map) {
  const held = new Map();
  let [travel, path, pinch] = [0, null, null];
  const at = (event) => [event.offsetX, event.offsetY];
  const isFinger = (event) => event.pointerType === "touch";
  const pair = () => {
    const [[ax, ay], [bx, by]] = [...held.values()];
    return { apart: Math.hypot(ax - bx, ay - by), middle: [(ax + bx) / 2, (ay + by) / 2] };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    held.set(event.pointerId, at(event));
    pinch = held.size === 2 ? pair() : null;
    if (held.size > 1) {
      path = null;
      map.area(null);
      return;
    }
    travel = 0;
    path = map.tool === "pan" ? null : [at(event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    const now = at(event);
    if (!before) {
      if (!isFinger(event)) map.hover(now);
      return;
    }
    held.set(event.pointerId, now);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    travel += Math.abs(dx) + Math.abs(dy);
    if (held.size === 2 && pinch) {
      const next = pair();
      map.pan(next.middle[0] - pinch.middle[0], next.middle[1] - pinch.middle[1]);
      map.zoom(next.apart / Math.max(1, pinch.apart), next.middle);
      pinch = next;
    } else if (path) {
      path.push(now);
      map.area(map.tool === "box" ? boxOf(path[0], now) : path, operation(event));
    } else if (!isFinger(event)) {
      map.pan(dx, dy, event.shiftKey); // one finger scrolls the page
    }
  });
  const release = (event) => {
    if (!held.delete(event.pointerId)) return;
    pinch = null;
    const drawn = path;
    path = null;
    map.area(null);
    if (event.type !== "pointerup" || held.size > 0) return;
    if (travel < CLICK_TRAVEL) map.pick(at(event));
    else if (drawn) map.take(map.tool === "box" ? boxOf(drawn[0], at(event)) : drawn, operation(event));
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => map.hover(null));
  canvas.addEventListener("dblclick", () => map.doubleClick());
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const step = event.deltaMode === 1 ? 30 : 1; // lines, not pixels
      map.zoom(Math.exp(-event.deltaY * step * WHEEL), at(event));
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    const act = !event.ctrlKey && !event.metaKey && map.keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}
