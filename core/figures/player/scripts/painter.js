// WebGL: batches of points, thin lines, wide lines and planes, in the stack's own space.

const DISC = 0;
const RING = 1;
const CROSS = 2;
const DIAMOND = 3;

const FULL_HEIGHT = 460; // of a picture whose marks have their full size
const SMALLEST_MARKS = 0.6;

const POINT_VERTEX = `
attribute vec3 place; attribute vec4 color; attribute vec2 look;
uniform mat4 matrix; uniform float scale; uniform float fade;
varying vec4 tint; varying float shape; varying float extent;
void main() {
  gl_Position = matrix * vec4(place, 1.0);
  extent = look.x * scale * clamp(5.0 / gl_Position.w, 0.55, 2.2);
  gl_PointSize = extent + 2.0;
  tint = vec4(color.rgb, color.a * fade); shape = look.y;
}`;
const POINT_FRAGMENT = `
precision mediump float;
varying vec4 tint; varying float shape; varying float extent;
void main() {
  vec2 p = (gl_PointCoord - 0.5) * (extent + 2.0);
  float r = extent * 0.5; float d = length(p); float alpha = 0.0;
  if (shape < 0.5) alpha = clamp(r - d + 0.5, 0.0, 1.0);
  else if (shape < 1.5) alpha = clamp(1.3 - abs(d - r + 1.3), 0.0, 1.0);
  else if (shape < 2.5) {
    vec2 q = abs(vec2(p.x + p.y, p.x - p.y)) * 0.7071;
    alpha = max(q.x, q.y) < r ? clamp(2.0 - min(q.x, q.y), 0.0, 1.0) : 0.0;
  } else alpha = clamp(r - abs(p.x) - abs(p.y) + 0.5, 0.0, 1.0);
  if (alpha <= 0.0) discard;
  gl_FragColor = vec4(tint.rgb, tint.a * alpha);
}`;
const LINE_VERTEX = `
attribute vec3 place; attribute vec4 color; uniform mat4 matrix; uniform float fade;
varying vec4 tint;
void main() { gl_Position = matrix * vec4(place, 1.0); tint = vec4(color.rgb, color.a * fade); }`;
const WIDE_VERTEX = `
attribute vec3 place; attribute vec3 other; attribute vec4 color; attribute vec2 look;
uniform mat4 matrix; uniform vec2 size; uniform float scale; varying vec4 tint;
void main() {
  vec4 a = matrix * vec4(place, 1.0); vec4 b = matrix * vec4(other, 1.0);
  vec2 along = (b.xy / b.w - a.xy / a.w) * size;
  float span = length(along);
  vec2 normal = span > 0.0 ? vec2(-along.y, along.x) / span : vec2(0.0);
  a.xy += normal * look.y * look.x * scale / size * a.w;
  gl_Position = a; tint = color;
}`;
const FLAT_FRAGMENT = `
precision mediump float; varying vec4 tint;
void main() { gl_FragColor = tint; }`;

class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    const options = { antialias: true, preserveDrawingBuffer: true };
    this.gl = canvas.getContext("webgl", options);
    if (!this.gl) return;
    this.programs = {
      points: compileProgram(this.gl, POINT_VERTEX, POINT_FRAGMENT),
      lines: compileProgram(this.gl, LINE_VERTEX, FLAT_FRAGMENT),
      wide: compileProgram(this.gl, WIDE_VERTEX, FLAT_FRAGMENT),
    };
    this.gl.enable(this.gl.BLEND);
    this.gl.disable(this.gl.DEPTH_TEST);
    const { SRC_ALPHA, ONE_MINUS_SRC_ALPHA, ONE } = this.gl;
    this.gl.blendFuncSeparate(SRC_ALPHA, ONE_MINUS_SRC_ALPHA, ONE, ONE_MINUS_SRC_ALPHA);
  }

  begin(matrix) {
    const gl = this.gl;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.matrix = matrix;
    this.ratio = ratio * Math.min(1, Math.max(SMALLEST_MARKS, this.canvas.clientHeight / FULL_HEIGHT));
  }

  /** Upload a batch once; `fields` are {name: [typed array, values per vertex, normalized]}. */
  upload(kind, count, fields) {
    const gl = this.gl;
    const buffers = Object.entries(fields).map(([name, [values, size, normalized]]) => {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
      const type = values instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.FLOAT;
      return { name, buffer, size, type, normalized: Boolean(normalized) };
    });
    return { kind, count, buffers };
  }

  drop(batch) {
    for (const { buffer } of batch ? batch.buffers : []) this.gl.deleteBuffer(buffer);
  }

  /** Draw a batch, or `count` of its vertices from `first` on. */
  draw(batch, { fade = 1, first = 0, count = batch.count, mode = null } = {}) {
    if (count <= 0) return;
    const gl = this.gl;
    const program = this.programs[batch.kind];
    gl.useProgram(program);
    const places = [];
    for (const { name, buffer, size, type, normalized } of batch.buffers) {
      const place = gl.getAttribLocation(program, name);
      if (place < 0) continue;
      places.push(place);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, type, normalized, 0, 0);
    }
    gl.uniformMatrix4fv(gl.getUniformLocation(program, "matrix"), false, this.matrix);
    gl.uniform1f(gl.getUniformLocation(program, "fade"), fade);
    gl.uniform1f(gl.getUniformLocation(program, "scale"), this.ratio);
    gl.uniform2f(gl.getUniformLocation(program, "size"), this.canvas.width, this.canvas.height);
    const usual = { points: gl.POINTS, lines: gl.LINES, wide: gl.TRIANGLES }[batch.kind];
    gl.drawArrays(mode === null ? usual : mode, first, count);
    // A place left enabled would still point to this batch's buffer once that is deleted.
    for (const place of places) gl.disableVertexAttribArray(place);
  }
}

/** Collects marks of one kind, then uploads them as a batch. */
class Marks {
  constructor() {
    this.place = [];
    this.color = [];
    this.look = [];
  }

  add([x, y, z], [red, green, blue], { alpha = 1, size = 5, shape = DISC } = {}) {
    this.place.push(x, y, z);
    this.color.push(red, green, blue, Math.round(alpha * 255));
    this.look.push(size, shape);
  }

  /** A mark on a slightly larger one in the color of the page: two points. */
  addRimmed(place, color, rim, { size, shape = DISC }) {
    this.add(place, rim, { size: size + 2.5, shape });
    this.add(place, color, { size, shape });
  }

  batch(painter) {
    return painter.upload("points", this.look.length / 2, {
      place: [new Float32Array(this.place), 3],
      color: [new Uint8Array(this.color), 4, true],
      look: [new Float32Array(this.look), 2],
    });
  }
}

const DASHES = 9; // of a dashed segment
const CORNERS = [
  [0, 1], [0, -1], [1, -1],
  [0, 1], [1, -1], [1, 1],
];

/** Collects segments drawn `width` pixels wide. */
class Strokes {
  constructor() {
    this.place = [];
    this.other = [];
    this.color = [];
    this.look = [];
  }

  add(from, to, [red, green, blue], { alpha = 1, width = 2 } = {}) {
    for (const [end, side] of CORNERS) {
      this.place.push(...(end ? to : from));
      this.other.push(...(end ? from : to));
      this.color.push(red, green, blue, Math.round(alpha * 255));
      this.look.push(width, end ? -side : side); // seen from its end, a segment's sides swap
    }
  }

  addDashed(from, to, color, look) {
    const at = (share) => from.map((value, axis) => value + share * (to[axis] - value));
    for (let dash = 0; dash < DASHES; dash++) {
      this.add(at(dash / DASHES), at((dash + 0.6) / DASHES), color, look);
    }
  }

  batch(painter) {
    return painter.upload("wide", this.look.length / 2, {
      place: [new Float32Array(this.place), 3],
      other: [new Float32Array(this.other), 3],
      color: [new Uint8Array(this.color), 4, true],
      look: [new Float32Array(this.look), 2],
    });
  }
}
