// The picture as a file: what is seen, on white, with its headline, names, legend and caption.

const VECTORS_AT_MOST = 20000; // points that are circles of an SVG; more are one image in it
const EXPORT_RATIO = 2;
const EXPORT_FONT = "Arial, Helvetica, sans-serif";
const SHEET_MARGIN = 20;
const SHEET_SWATCHES = 60;
const LEGEND_LETTERS = 40;

/** Save what `map` shows as "png" or "svg". */
function savePicture(map, ending) {
  const name = fileName(map.overlay.data, ending);
  if (ending === "svg") {
    const pen = new SvgPen();
    const [width, height] = drawSheet(pen, map);
    hand(name, new Blob([pen.asText(width, height, map.overlay.headline)], { type: "image/svg+xml" }));
    return;
  }
  const [width, height] = drawSheet(new SvgPen(), map, { measures: true });
  const canvas = made("canvas", "");
  [canvas.width, canvas.height] = [EXPORT_RATIO * width, EXPORT_RATIO * height];
  const pen = canvas.getContext("2d");
  pen.scale(EXPORT_RATIO, EXPORT_RATIO);
  drawSheet(pen, map);
  canvas.toBlob((blob) => hand(name, blob), "image/png");
}

/** "Words & more.csv" -> "Words-more-csv-map.png". */
function fileName(data, ending) {
  const words = (data || "").replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60);
  return `${words ? `${words}-` : ""}map.${ending}`;
}

function hand(name, blob) {
  const link = document.createElement("a");
  [link.href, link.download] = [URL.createObjectURL(blob), name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Draw all from top to bottom; the sheet's [width, height]. measures: the points are left out. */
function drawSheet(pen, map, { measures = false } = {}) {
  const { overlay, camera } = map;
  const tone = overlay.tones.light;
  const [wide, high] = camera.size;
  const width = Math.max(480, wide) + 2 * SHEET_MARGIN;
  const writer = new SheetWriter(pen, tone, width - 2 * SHEET_MARGIN);
  const ground = (height) => {
    [pen.fillStyle, pen.globalAlpha] = [tone.page, 1];
    pen.fillRect(0, 0, width, height);
  };
  ground(measures ? 1 : drawSheet(new SvgPen(), map, { measures: true })[1]);
  writer.paragraph(overlay.headline, 600, 17, 24, tone.text);
  const top = writer.y;
  const draw = () => drawView(pen, map, tone, measures);
  if (pen instanceof SvgPen) pen.frame(SHEET_MARGIN, top, wide, high, draw);
  else {
    pen.save();
    pen.translate(SHEET_MARGIN, top);
    pen.beginPath();
    pen.rect(0, 0, wide, high);
    pen.clip();
    draw();
    pen.restore();
  }
  writer.y = top + high + 12;
  writer.legend(map);
  for (const line of captionLines(map)) writer.paragraph(line, 400, 12.5, 18, tone.muted);
  return [width, Math.ceil(writer.y + SHEET_MARGIN - 8)];
}

/** What stands below the legend. */
function captionLines(map) {
  const { overlay } = map;
  const told = (count) => count.toLocaleString("en-US");
  const [shown, all] = [map.painter.count, map.cloud.count];
  const bright = map.painter.faded > 0 && shown - map.painter.faded;
  const isTorn = overlay.near.some(([, , , torn]) => torn);
  const [right, up] = overlay.axes;
  const inPlane = right ? `Right: ${right}. Up: ${up}.` : "";
  const lines = [map.isDeep ? `Axes: ${overlay.axes.join(", ")}.` : inPlane];
  if (shown < all) lines.push(`${told(shown)} of ${told(all)} points are shown.`);
  if (bright) lines.push(`${told(bright)} points are selected; the others are pale.`);
  if (overlay.item) {
    const near = overlay.near.length ? `; green: its ${overlay.near.length} true neighbors` : "";
    lines.push(`Black ring: ${overlay.item[3]}${near}${isTorn ? " (dashed: torn away by the map)" : ""}.`);
  }
  return [lines.filter(Boolean).join(" "), overlay.caption, overlay.data ? `Data: ${overlay.data}` : ""];
}

/** The view as it is on the screen, in light colors: points, marks, names. */
function drawView(pen, map, tone, measures) {
  const { camera } = map;
  if (measures) return;
  const { look, fade } = map.scene();
  const palette = map.paint.meta.light;
  const drawing = map.cloud.arrange(map.arrangement());
  const inside = pen instanceof SvgPen && !map.isDeep ? pointsInside(map, drawing) : null;
  if (inside && inside.length <= VECTORS_AT_MOST) drawCircles(pen, map, inside, { look, fade, palette, page: tone.page });
  else pen.drawImage(pointLayer(map, drawing, { look, fade, palette, page: tone.page }), 0, 0, ...camera.size);
  const place = (...at) => map.place(...at);
  new MapMarks(null, pen).lines({ ...map.overlay, colors: tone }, place, look.size / 2);
  pen.font = `600 12px ${EXPORT_FONT}`;
  const measure = (words) => pen.measureText(words).width;
  for (const { words, left, right, bottom, color } of map.names.fitting(measure, ...map.naming())) {
    const [x, y] = [(left + right - measure(words)) / 2, bottom - 5];
    [pen.globalAlpha, pen.strokeStyle, pen.lineWidth, pen.lineJoin] = [0.85, tone.page, 4, "round"];
    pen.strokeText(words, x, y);
    [pen.globalAlpha, pen.fillStyle] = [1, tone.text];
    pen.fillText(words, x, y);
    if (!color) continue;
    pen.fillStyle = color;
    pen.fillRect(left, bottom - 2, right - left, 2);
  }
}

/** [point, x, y, whether it is pale] of the drawn points that lie in the view. */
function pointsInside({ camera, cloud }, { order, faded }) {
  const [width, height] = camera.size;
  const inside = [];
  order.forEach((point, at) => {
    const [x, y] = camera.toScreen(...cloud.unitOf(point));
    if (x > -9 && y > -9 && x < width + 9 && y < height + 9) inside.push([point, x, y, at < faded]);
  });
  return inside;
}

function drawCircles(pen, map, inside, { look, fade, palette, page }) {
  const [pale, bright] = looksOf(look, map.painter.faded, fade);
  for (const [point, x, y, isPale] of inside) {
    const { size, alpha } = isPale ? pale : bright;
    if (size > 5) pen.circle(x, y, size / 2, page, alpha); // the rim
    pen.circle(x, y, size / 2 - (size > 5 ? 0.9 : 0), palette[map.paint.arrays.codes[point]], alpha);
  }
}

/** All points on a canvas of their own, drawn by the graphics card at the size of the file. */
function pointLayer(map, drawing, { look, fade, palette, page }) {
  const canvas = document.createElement("canvas");
  const painter = painterOf(canvas);
  painter.place(map.cloud);
  painter.paint(map.paint.arrays.codes);
  painter.color(palette);
  painter.arrange(drawing);
  painter.draw(map.camera, look, { page, fade, ratio: EXPORT_RATIO });
  const kept = document.createElement("canvas");
  [kept.width, kept.height] = [canvas.width, canvas.height];
  kept.getContext("2d").drawImage(canvas, 0, 0);
  painter.close();
  return kept;
}

/** Texts one below the other, broken into lines. */
class SheetWriter {
  constructor(pen, tone, width) {
    [this.pen, this.tone, this.width, this.y] = [pen, tone, width, SHEET_MARGIN];
  }

  paragraph(words, weight, size, height, color) {
    if (!words) return;
    this.pen.font = `${weight} ${size}px ${EXPORT_FONT}`;
    let line = "";
    for (const word of [...words.split(/\s+/), null]) {
      const longer = line ? `${line} ${word}` : word;
      if (word !== null && (!line || this.pen.measureText(longer).width <= this.width)) line = longer;
      else {
        this.write(line, SHEET_MARGIN, this.y + size, color);
        this.y += height;
        line = word;
      }
    }
    this.y += 6;
  }

  write(words, x, y, color) {
    [this.pen.globalAlpha, this.pen.fillStyle] = [1, color];
    this.pen.fillText(words, x, y);
  }

  /** The shown classes with their counts, or the scale of numbers. */
  legend({ paint, legend: { hidden } }) {
    const { legend, light } = paint.meta;
    if (legend.kind === "none") return;
    this.paragraph(legend.title, 600, 12.5, 18, this.tone.text);
    if (legend.kind === "scale") this.scale(legend.ticks, light);
    this.classes(legend.entries.filter(({ code }) => !hidden.has(code)), light);
  }

  scale(ticks, palette) {
    const [left, top, wide, { pen }] = [SHEET_MARGIN, this.y, Math.min(420, this.width), this];
    const step = wide / SHEET_SWATCHES;
    pen.globalAlpha = 1;
    for (let at = 0; at < SHEET_SWATCHES; at++) {
      pen.fillStyle = palette[Math.round((at * (palette.length - 2)) / (SHEET_SWATCHES - 1))];
      pen.fillRect(left + at * step, top, step + 0.5, 10);
    }
    pen.font = `400 12px ${EXPORT_FONT}`;
    for (const [share, words] of ticks) {
      this.write(words, left + share * (wide - pen.measureText(words).width), top + 24, this.tone.muted);
    }
    this.y += 36;
  }

  classes(entries, palette) {
    const { pen, tone } = this;
    if (entries.length === 0) return;
    pen.font = `400 12.5px ${EXPORT_FONT}`;
    let x = SHEET_MARGIN;
    for (const { code, name, count } of entries) {
      const words = name.length > LEGEND_LETTERS ? `${name.slice(0, LEGEND_LETTERS - 1)}…` : name;
      const told = count.toLocaleString("en-US");
      const [long, more] = [words, told].map((text) => pen.measureText(text).width);
      const all = 16 + long + 6 + more + 16;
      if (x > SHEET_MARGIN && x + all > SHEET_MARGIN + this.width) [x, this.y] = [SHEET_MARGIN, this.y + 20];
      pen.beginPath();
      pen.arc(x + 5, this.y + 8, 5, 0, 2 * Math.PI);
      [pen.globalAlpha, pen.fillStyle] = [1, palette[code]];
      pen.fill();
      this.write(words, x + 16, this.y + 12.5, tone.text);
      this.write(told, x + 22 + long, this.y + 12.5, tone.muted);
      x += all;
    }
    this.y += 28;
  }
}
