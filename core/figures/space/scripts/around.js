// The points about the densest place of a region: nearest first, none nearer to another region.

const CIRCLE_CORNERS = 48;
const POINT_KEYS = 2 ** 23; // more than there are points
const DISTANCE_STEPS = 2 ** 27; // with the point they stay below 2 ** 53

/**
 * The `count` shown points nearest to a place that lie nearer to it than to any of `rivals`, and the
 * outline of where they lie: {points, outline}. Places in the unit square, or in the cube, where
 * there is no outline.
 */
function pointsAround(cloud, place, count, rivals) {
  if (cloud.axes === 3) {
    const sorted = withinDeep(cloud, place, rivals).sort().subarray(0, count);
    return { points: Uint32Array.from(sorted, (key) => key % POINT_KEYS), outline: [] };
  }
  let near;
  let radius = 0.02;
  for (; ; radius *= 1.6) {
    near = within(cloud, place, radius, rivals);
    if (near.length >= count || radius > 1.5) break;
  }
  const kept = near.sort().subarray(0, count);
  const points = Uint32Array.from(kept, (key) => key % POINT_KEYS);
  if (points.length === 0) return { points, outline: outlineOf(place, radius, rivals) };
  const [x, y] = cloud.unitOf(points.at(-1));
  const reach = Math.max(1.02 * Math.hypot(x - place[0], y - place[1]), 1e-4);
  return { points, outline: outlineOf(place, reach, rivals) };
}

/** The shown points within a circle as numbers that sort by distance: its steps, then the point. */
function within(cloud, [x, y], radius, rivals) {
  const closest = rivals.filter(([ox, oy]) => Math.hypot(ox - x, oy - y) < 2 * radius);
  const [left, bottom, right, top] = cloud.cells(x - radius, y - radius, x + radius, y + radius);
  const { places, starts, members, visible } = cloud;
  const found = new Float64Array(cloud.countIn(x - radius, y - radius, x + radius, y + radius));
  const most = radius * radius;
  let count = 0;
  for (let row = bottom; row <= top; row++) {
    const end = starts[row * CELLS + right + 1];
    for (let at = starts[row * CELLS + left]; at < end; at++) {
      const point = members[at];
      if (!visible[point]) continue;
      const [px, py] = [places[2 * point] / STEPS, places[2 * point + 1] / STEPS];
      const apart = (px - x) * (px - x) + (py - y) * (py - y);
      if (apart > most || isNearerToOne(closest, px, py, apart)) continue;
      found[count++] = Math.floor(apart * DISTANCE_STEPS) * POINT_KEYS + point;
    }
  }
  return found.subarray(0, count);
}

/** The same in 3-D, at any distance. */
function withinDeep(cloud, place, rivals) {
  const found = new Float64Array(cloud.count);
  const from = (other, at) => other.reduce((sum, part, axis) => sum + (part - at[axis]) ** 2, 0);
  let count = 0;
  for (let point = 0; point < cloud.count; point++) {
    if (!cloud.visible[point]) continue;
    const at = cloud.unitOf(point);
    const apart = from(place, at);
    if (rivals.some((other) => from(other, at) < apart)) continue;
    found[count++] = Math.floor((apart * DISTANCE_STEPS) / 4) * POINT_KEYS + point;
  }
  return found.subarray(0, count);
}

function isNearerToOne(places, x, y, apart) {
  for (const place of places) {
    const [dx, dy] = [x - place[0], y - place[1]];
    if (dx * dx + dy * dy < apart) return true;
  }
  return false;
}

/** A circle, without what is nearer to a rival (Sutherland and Hodgman 1974). */
function outlineOf([x, y], radius, rivals) {
  let corners = Array.from({ length: CIRCLE_CORNERS }, (_, at) => {
    const angle = (2 * Math.PI * at) / CIRCLE_CORNERS;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  for (const [ox, oy] of rivals) {
    const half = Math.hypot(ox - x, oy - y) / 2;
    if (half >= radius || half === 0) continue;
    const [nx, ny] = [(ox - x) / (2 * half), (oy - y) / (2 * half)];
    corners = cutOff(corners, ([px, py]) => (px - x) * nx + (py - y) * ny - half);
  }
  return corners;
}

/** The part of a convex polygon where `beyond` is not positive. */
function cutOff(corners, beyond) {
  const kept = [];
  corners.forEach((corner, at) => {
    const next = corners[(at + 1) % corners.length];
    const [here, there] = [beyond(corner), beyond(next)];
    if (here <= 0) kept.push(corner);
    if (here > 0 === there > 0) return;
    const share = here / (here - there);
    kept.push([0, 1].map((axis) => corner[axis] + share * (next[axis] - corner[axis])));
  });
  return kept;
}
