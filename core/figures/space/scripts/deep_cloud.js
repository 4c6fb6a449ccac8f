// The points of a map in 3-D.

const MIDDLE = STEPS / 2;
const FAR_OFF = 1e3; // more than any distance from the camera

class DeepCloud extends Cloud {
  /** The largest distance of a point from the middle of the cube. */
  index() {
    let most = 0;
    const { places } = this;
    for (let at = 0; at < places.length; at += 3) {
      const [x, y, z] = [places[at] - MIDDLE, places[at + 1] - MIDDLE, places[at + 2] - MIDDLE];
      most = Math.max(most, x * x + y * y + z * z);
    }
    this.radius = Math.max(0.05, Math.sqrt(most) / STEPS);
  }

  /** Where keys begin on a map without regions. */
  densest() {
    return [0.5, 0.5, 0.5];
  }

  countSeen(camera) {
    return this.count / Math.max(1, camera.zoom) ** 2;
  }

  /** Of the shown points that lie under the place the front one, else the nearest on the screen. */
  pointAt(camera, [left, top], radius, covered = 2) {
    const [width, height] = camera.size;
    const { places, visible } = this;
    const m = camera.matrix;
    let [best, least] = [-1, Infinity];
    for (let point = 0, at = 0; point < this.count; point++, at += 3) {
      if (!visible[point]) continue;
      const [x, y, z] = [places[at] / STEPS, places[at + 1] / STEPS, places[at + 2] / STEPS];
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      if (w <= 0) continue;
      const dx = (((m[0] * x + m[4] * y + m[8] * z + m[12]) / w + 1) * width) / 2 - left;
      if (dx > radius || dx < -radius) continue;
      const dy = ((1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) * height) / 2 - top;
      const apart = Math.hypot(dx, dy);
      if (apart > radius) continue;
      const behind = Math.max(0, apart - covered) * FAR_OFF + w;
      if (behind < least) [best, least] = [point, behind];
    }
    return best;
  }
}
