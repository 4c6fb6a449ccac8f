// The rule for one candidate: two distances side by side, and the triangle that they make.

const BAR = 18;

class RuleView {
  constructor(canvas) {
    this.canvas = canvas;
  }

  /** scene, place: the candidate spoken of; an empty picture where place is below 0. */
  draw(content, scene, place, theme) {
    const opened = openPen(this.canvas, theme);
    if (!opened || !scene || place < 0 || scene.against[place] < 0) return;
    Object.assign(this, { content, scene, place, theme, ...opened });
    this.against = scene.against[place];
    this.own = scene.r[place];
    this.between = scene.between[place];
    this.dropped = scene.verdict[place] === DROPPED;
    this.drawBars();
    if (content.lengths) this.drawTriangle();
  }

  name(row) {
    const { content } = this;
    return row === content.new ? "the new item" : content.names[row];
  }

  drawBars() {
    const { pen, theme, width, scene } = this;
    const candidate = shortened(this.name(scene.row[this.place]), 18);
    const bars = [
      [`${candidate} to ${this.name(scene.row[this.against])}`, this.between, this.dropped ? theme.dropped : theme.muted],
      [`${candidate} to ${this.name(scene.center)}`, this.own, theme.kept],
    ];
    const low = Math.min(0, this.between, this.own);
    const high = Math.max(0, this.between, this.own);
    const room = width - 8 - 62;
    const x = (value) => 4 + ((value - low) / (high - low || 1)) * room;
    bars.forEach(([words, value, color], i) => {
      const y = 2 + i * (BAR + 22);
      pen.font = `12px ${theme.font}`;
      pen.textAlign = "left";
      pen.textBaseline = "top";
      pen.fillStyle = theme.mutedText;
      pen.fillText(shortened(words, Math.floor(width / 6.6)), 4, y);
      pen.fillStyle = theme.css(color, 0.9);
      const [from, to] = [x(0), x(value)].sort((a, b) => a - b);
      pen.fillRect(from, y + 16, Math.max(1.5, to - from), BAR);
      pen.fillStyle = theme.textColor;
      pen.font = `600 13px ${theme.font}`;
      pen.textBaseline = "middle";
      pen.fillText(written(value, 4), to + 6, y + 16 + BAR / 2 + 1);
    });
  }

  /** Lengths of the three sides, true to scale: chords under cosine. */
  sides() {
    const long = (distance) =>
      this.content.lengths === "cosine" ? Math.sqrt(2 * Math.max(0, distance)) : distance;
    return [this.own, this.scene.r[this.against], this.between].map(long);
  }

  drawTriangle() {
    const { pen, theme, width, height } = this;
    const [own, other, between] = this.sides();
    if (other <= 0) return;
    const cx = (own * own + other * other - between * between) / (2 * other);
    const cy = Math.sqrt(Math.max(0, own * own - cx * cx));
    const top = 2 * (BAR + 22) + 8;
    const [left, right] = [Math.min(0, cx), Math.max(other, cx)];
    const scale = Math.min((width - 130) / (right - left), (height - top - 46) / Math.max(cy, 1e-9));
    const middle = (width - (right - left) * scale) / 2 - left * scale;
    const x = (value) => middle + value * scale;
    const y = (value) => height - 30 - value * scale;
    const half = x(other / 2);
    pen.fillStyle = theme.css(theme.dropped, theme.dark ? 0.2 : 0.1);
    pen.fillRect(half, top, width - half, height - top);
    stroke(pen, half, top, half, height, theme.css(theme.dropped, 0.8), 1.2, [5, 4]);
    stroke(pen, x(0), y(0), x(other), y(0), theme.css(theme.kept, 0.9), 2);
    stroke(pen, x(0), y(0), x(cx), y(cy), theme.css(theme.kept, 0.9), 2, [4, 3]);
    const color = this.dropped ? theme.dropped : theme.muted;
    stroke(pen, x(cx), y(cy), x(other), y(0), theme.css(color, 1), 2);
    diamond(pen, x(0), y(0), 6.5, theme.textColor);
    disc(pen, x(other), y(0), 5, theme.css(theme.kept, 1));
    ring(pen, x(cx), y(cy), 6, theme.css(theme.current, 1), 3);
    const labels = new Labels(pen, theme, width, height);
    for (const [at, across] of [[0, 0], [other, 0]]) labels.hold(x(at), y(across), 6);
    labels.put(this.name(this.scene.row[this.place]), x(cx), y(cy), { gap: 10, bold: true });
    const { center } = this.scene;
    const words = center === this.content.new ? "new item" : this.name(center);
    labels.put(words, x(0), y(0) + 17, { gap: -6 });
    labels.put(this.name(this.scene.row[this.against]), x(other), y(0) + 17, { gap: -6 });
  }
}
