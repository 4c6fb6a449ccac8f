// The part of a canvas's pen that the map draws with, written down as SVG.

const XML = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // no XML may hold these

/** A text that stands in XML as text. */
function escaped(text) {
  return String(text).replace(NO_XML, "").replace(/[&<>"]/g, (letter) => XML[letter]);
}

class SvgPen {
  constructor() {
    this.parts = [];
    this.frames = 0;
    Object.assign(this, { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, dash: [] });
    this.ruler = document.createElement("canvas").getContext("2d");
  }

  set font(font) { this.ruler.font = this.written = font; }
  measureText(words) { return this.ruler.measureText(words); }
  beginPath() { this.path = ""; }
  moveTo(x, y) { this.path += `M${short(x)} ${short(y)}`; }
  lineTo(x, y) { this.path += `L${short(x)} ${short(y)}`; }
  closePath() { this.path += "Z"; }
  setLineDash(dash) { this.dash = dash; }

  /** A whole circle: the map draws no other arcs. */
  arc(x, y, radius) {
    const [r, d] = [short(radius), short(2 * radius)];
    this.path += `M${short(x - radius)} ${short(y)}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 -${d} 0`;
  }

  stroke() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    this.put(`<path d="${this.path}" fill="none" ${this.line}${dash}/>`);
  }

  fill() { this.put(`<path d="${this.path}" ${this.ink}/>`); }

  fillRect(x, y, width, height) {
    this.put(`<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" ${this.ink}/>`);
  }

  fillText(words, x, y) { this.text(words, x, y, this.ink); }
  strokeText(words, x, y) { this.text(words, x, y, `fill="none" stroke-linejoin="round" ${this.line}`); }

  circle(x, y, radius, color, alpha) {
    this.put(`<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" fill="${color}" fill-opacity="${short(alpha)}"/>`);
  }

  drawImage(canvas, x, y, width, height) {
    const picture = canvas.toDataURL("image/png");
    this.put(`<image x="${x}" y="${y}" width="${width}" height="${height}" href="${picture}"/>`);
  }

  /** Draw in a part of the sheet, whose top left is (0, 0), and nothing beyond it. */
  frame(x, y, width, height, draw) {
    const name = `frame${++this.frames}`;
    this.put(`<clipPath id="${name}"><rect width="${width}" height="${height}"/></clipPath>`);
    this.put(`<g transform="translate(${x} ${y})" clip-path="url(#${name})">`);
    draw();
    this.put("</g>");
  }

  asText(width, height, title) {
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="${SVG}" ${size} role="img"><title>${escaped(title)}</title>\n${this.parts.join("\n")}\n</svg>\n`;
  }

  get line() {
    return `stroke="${escaped(this.strokeStyle)}" stroke-width="${short(this.lineWidth)}" stroke-opacity="${this.globalAlpha}"`;
  }

  get ink() { return `fill="${escaped(this.fillStyle)}" fill-opacity="${this.globalAlpha}"`; }

  text(words, x, y, look) {
    const [, weight, size, family] = /^(\d+) ([\d.]+)px (.*)$/.exec(this.written);
    const font = `font-family="${escaped(family)}" font-size="${size}" font-weight="${weight}"`;
    this.put(`<text x="${short(x)}" y="${short(y)}" ${font} ${look}>${escaped(words)}</text>`);
  }

  put(part) { this.parts.push(part); }
}

function short(value) {
  return Number(value.toFixed(2));
}
