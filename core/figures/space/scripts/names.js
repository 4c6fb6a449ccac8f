// Names of regions: the largest first, none over another, more of them as the picture is enlarged.

const NAME_LETTERS = 26;
const NAME_HEIGHT = 19;
const ROOM = 15000; // square pixels of picture for one name
const FEWEST_NAMES = 8;
const ZOOM_OF_LEVEL = [0, 1.5, 3]; // from which the regions of a level are named

class RegionNames {
  constructor(root) {
    this.root = root;
    this.labels = [];
    this.widths = new Map();
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /**
   * regions: [name, x, y, size, color, level, z]; place: -> pixels; hidden: names left out; taken:
   * boxes. Where the view's own regions are few, smaller ones are named sooner.
   */
  place(...view) {
    this.boxes = this.fitting((words) => this.measure(words), ...view);
    this.write(this.boxes);
  }

  /** Where names fit whose widths `measure` tells. */
  fitting(measure, regions, place, [width, height], zoom, hidden, taken = []) {
    const most = Math.max(FEWEST_NAMES, (width * height) / ROOM);
    const boxes = [];
    const isDue = ([, , , , , level]) => zoom >= (ZOOM_OF_LEVEL[level] ?? ZOOM_OF_LEVEL.at(-1));
    const later = regions.filter((region) => !isDue(region));
    for (const region of [...regions.filter(isDue), ...later]) {
      const [name, x, y, , color, , z] = region;
      if (boxes.length >= (isDue(region) ? most : FEWEST_NAMES)) break;
      if (hidden.has(name)) continue;
      const words = name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1)}…` : name;
      const box = boxAbout(measure(words) + 8, place(x, y, z), width, height);
      if (!box || [...taken, ...boxes].some((other) => overlap(box, other))) continue;
      boxes.push({ ...box, words, color });
    }
    return boxes;
  }

  measure(words) {
    if (!this.widths.has(words)) {
      this.pen.font = `600 12.5px ${getComputedStyle(this.root).fontFamily}`;
      this.widths.set(words, this.pen.measureText(words).width);
    }
    return this.widths.get(words);
  }

  write(boxes) {
    while (this.labels.length < boxes.length) {
      const label = document.createElement("div");
      this.labels.push(label);
      this.root.append(label);
    }
    this.labels.forEach((label, i) => {
      label.hidden = i >= boxes.length;
      if (label.hidden) return;
      const { left, top, right, words, color } = boxes[i];
      if (label.textContent !== words) label.textContent = words;
      label.style.width = `${right - left}px`;
      label.style.borderColor = color ?? "transparent";
      label.style.transform = `translate(${left}px, ${top}px)`;
    });
  }
}

/** The box of a name about a place, moved into the picture; null where it has no place there. */
function boxAbout(long, [x, y], width, height) {
  if (!(x >= 0 && y >= 0 && x <= width && y <= height) || long > width) return null;
  const left = Math.min(Math.max(x - long / 2, 0), width - long);
  const top = Math.min(Math.max(y - NAME_HEIGHT / 2, 0), height - NAME_HEIGHT);
  return { left, top, right: left + long, bottom: top + NAME_HEIGHT };
}

function overlap(a, b) {
  return a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom + 2 && b.top < a.bottom + 2;
}
