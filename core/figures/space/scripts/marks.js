// Marks over the points, on a canvas of their own: threads, rings, the item, the tool's line.

class MapMarks {
  /** canvas: to draw on; or null and a pen of another sheet. */
  constructor(canvas, pen = canvas.getContext("2d")) {
    [this.canvas, this.pen] = [canvas, pen];
  }

  begin([width, height]) {
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      [this.canvas.width, this.canvas.height] = [wide, high];
    }
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.clearRect(0, 0, width, height);
  }

  /** A line on a wider one in the color of the page. */
  haloed(trace, color, page, width) {
    const { pen } = this;
    for (const [tone, wide] of [[page, width + 2.4], [color, width]]) {
      pen.beginPath();
      trace();
      [pen.strokeStyle, pen.lineWidth] = [tone, wide];
      pen.stroke();
    }
  }

  ring([x, y], radius, color, page, width) {
    this.haloed(() => this.pen.arc(x, y, radius, 0, 2 * Math.PI), color, page, width);
  }

  thread(from, to, color, page, width, dashed) {
    this.pen.setLineDash(dashed ? [6, 4] : []);
    this.haloed(() => { this.pen.moveTo(...from); this.pen.lineTo(...to); }, color, page, width);
    this.pen.setLineDash([]);
  }

  /** overlay: as Python wrote it; place: of a point in pixels; radius: of a point. */
  draw(overlay, place, radius, size) {
    this.begin(size);
    this.lines(overlay, place, radius);
  }

  lines(overlay, place, radius) {
    const { colors } = overlay;
    for (const [, x, y, z] of overlay.marked) this.ring(place(x, y, z), radius + 3, colors.text, colors.page, 1.4);
    const item = overlay.item && place(overlay.item[1], overlay.item[2], overlay.item[4]);
    for (const [, x, y, torn, z] of overlay.near) {
      this.thread(item, place(x, y, z), colors.near, colors.page, torn ? 2.2 : 1.3, torn);
    }
    for (const [, x, y, z] of overlay.false) this.ring(place(x, y, z), radius + 3.5, colors.false, colors.page, 2);
    for (const [, x, y, torn, z] of overlay.near) {
      this.ring(place(x, y, z), radius + 2.5, colors.near, colors.page, torn ? 3 : 2.2);
    }
    if (item) {
      this.ring(item, radius + 4, colors.text, colors.page, 3);
      this.dot(item, 2.6, colors.text);
    }
  }

  dot([x, y], radius, color) {
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, 2 * Math.PI);
    this.pen.fillStyle = color;
    this.pen.fill();
  }

  /** Where the three axes point; the ends as the camera gives them. */
  axes(ends, colors) {
    const { pen } = this;
    for (const { axis, from, to } of ends) {
      this.haloed(() => { pen.moveTo(...from); pen.lineTo(...to); }, colors.muted, colors.page, 1.4);
      [pen.fillStyle, pen.textAlign, pen.textBaseline] = [colors.text, "center", "middle"];
      pen.font = `600 12px ${getComputedStyle(this.canvas).fontFamily}`;
      const [right, down] = [to[0] - from[0], to[1] - from[1]];
      const away = 9 / Math.max(9, Math.hypot(right, down));
      pen.fillText(axis + 1, to[0] + away * right, to[1] + away * down);
    }
  }

  /** The line of the lasso or the box, by what it will do. */
  area(path, color) {
    const { pen } = this;
    pen.beginPath();
    path.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    [pen.globalAlpha, pen.fillStyle] = [0.1, color];
    pen.fill();
    [pen.globalAlpha, pen.strokeStyle, pen.lineWidth] = [1, color, 1.6];
    pen.setLineDash([5, 4]);
    pen.stroke();
    pen.setLineDash([]);
  }
}
