// The points about the densest place of a region: nearest first, none nearer to another region.

const CIRCLE_CORNERS = 48;

/**
 * The `count` shown points nearest to a place that lie nearer to it than to any of `rivals`, and the
 * outline of where they lie: {points, outline}. Places in the unit square.
 */
function pointsAround(cloud, place, count, rivals) {
  let [near, radius] = [[], 0.02];
  for (; ; radius *= 1.6) {
    near = within(cloud, place, radius, rivals);
    if (near.length >= count || radius > 1.5) break;
  }
  near.sort((a, b) => a[1] - b[1]);
  const kept = near.slice(0, count);
  const reach = kept.length ? Math.max(kept.at(-1)[1] * 1.02, 1e-4) : radius;
  return { points: kept.map(([point]) => point), outline: outlineOf(place, reach, rivals) };
}

/** [point, distance] of the shown points within a circle. */
function within(cloud, [x, y], radius, rivals) {
  const closest = rivals.filter(([ox, oy]) => Math.hypot(ox - x, oy - y) < 2 * radius);
  const [left, bottom, right, top] = cloud.cells(x - radius, y - radius, x + radius, y + radius);
  const found = [];
  for (let row = bottom; row <= top; row++) {
    const end = cloud.starts[row * CELLS + right + 1];
    for (let at = cloud.starts[row * CELLS + left]; at < end; at++) {
      const point = cloud.members[at];
      if (!cloud.visible[point]) continue;
      const [px, py] = cloud.unitOf(point);
      const apart = Math.hypot(px - x, py - y);
      if (apart > radius || closest.some(([ox, oy]) => Math.hypot(px - ox, py - oy) < apart)) continue;
      found.push([point, apart]);
    }
  }
  return found;
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
