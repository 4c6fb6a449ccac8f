// What all pictures share: a sharp canvas, marks, and labels that do not cover one another.

/** Clear a canvas and give a pen in CSS pixels, or null where the canvas is not shown. */
function openPen(canvas, theme) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return null;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = `12px ${theme.font}`;
  return { pen, width, height };
}

function disc(pen, x, y, size, color) {
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.fill();
}

function ring(pen, x, y, size, color, width = 2) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.stroke();
}

function cross(pen, x, y, size, color, width = 2) {
  stroke(pen, x - size, y - size, x + size, y + size, color, width);
  stroke(pen, x + size, y - size, x - size, y + size, color, width);
}

function diamond(pen, x, y, size, color) {
  pen.fillStyle = color;
  pen.beginPath();
  pen.moveTo(x, y - size);
  pen.lineTo(x + size, y);
  pen.lineTo(x, y + size);
  pen.lineTo(x - size, y);
  pen.fill();
}

function stroke(pen, x1, y1, x2, y2, color, width = 1, dash = []) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
  pen.setLineDash([]);
}

function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Labels beside marks; one that would cover another, or leave the picture, is left out. */
class Labels {
  constructor(pen, theme, width, height) {
    Object.assign(this, { pen, theme, width, height, taken: [] });
  }

  put(text, x, y, { gap = 8, bold = false, color } = {}) {
    const { pen, theme } = this;
    pen.font = `${bold ? "600 " : ""}12px ${theme.font}`;
    const words = shortened(text, 26);
    const long = pen.measureText(words).width;
    for (const left of [x + gap, x - gap - long]) {
      const box = [left - 2, y - 8, left + long + 2, y + 8];
      const inside = box[0] >= 0 && box[2] <= this.width && box[1] >= 0 && box[3] <= this.height;
      const free = this.taken.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1]);
      if (!inside || !free) continue;
      this.taken.push(box);
      pen.textAlign = "left";
      pen.textBaseline = "middle";
      pen.lineWidth = 3;
      pen.strokeStyle = theme.css(theme.page, 0.85);
      pen.strokeText(words, left, y);
      pen.fillStyle = color ?? theme.textColor;
      pen.fillText(words, left, y);
      return;
    }
  }

  /** Keep a place free of labels. */
  hold(x, y, size) {
    this.taken.push([x - size, y - size, x + size, y + size]);
  }
}
