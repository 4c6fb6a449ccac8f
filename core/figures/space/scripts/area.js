// The line of a lasso or a box, and what of it is sent.

const CORNERS_AT_MOST = 80;

/** Fewer corners of a path in pixels, none of the left out ones farther than a pixel from the line. */
function simplified(path) {
  let kept = path;
  for (let tolerance = 0.7; kept.length > CORNERS_AT_MOST || tolerance === 0.7; tolerance *= 1.5) {
    kept = douglasPeucker(path, tolerance);
    if (tolerance > 1e4) break;
  }
  return kept;
}

/** Douglas and Peucker 1973: the farthest corner from a chord stays, where it is too far from it. */
function douglasPeucker(path, tolerance) {
  const keep = new Uint8Array(path.length);
  const parts = [[0, path.length - 1]];
  keep[0] = keep[path.length - 1] = 1;
  while (parts.length > 0) {
    const [first, last] = parts.pop();
    let [farthest, most] = [-1, tolerance];
    for (let at = first + 1; at < last; at++) {
      const apart = fromChord(path[at], path[first], path[last]);
      if (apart > most) [farthest, most] = [at, apart];
    }
    if (farthest < 0) continue;
    keep[farthest] = 1;
    parts.push([first, farthest], [farthest, last]);
  }
  return path.filter((_, at) => keep[at]);
}

function fromChord([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const long = dx * dx + dy * dy;
  const share = long ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / long)) : 0;
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

function boxOf([left, top], [right, bottom]) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** What a drag with these keys does to the selection. */
function operation(event) {
  return event.altKey ? "subtract" : event.shiftKey ? "add" : "replace";
}
