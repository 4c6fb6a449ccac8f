// WebGL2: all points in one call, each with 2 bytes an axis and 1 byte of color.

const CLOUD_VERTEX = `#version 300 es
in vec3 place; in uint code;
uniform mat4 matrix; uniform float size; uniform float alpha;
uniform float reach; uniform float haze; uniform vec3 page;
uniform sampler2D palette;
out vec4 tint; out float extent;
void main() {
  gl_Position = matrix * vec4(place, 1.0);
  float far = gl_Position.w / reach;
  extent = size * clamp(1.0 / far, 0.6, 2.2);
  gl_PointSize = extent;
  vec3 shade = texelFetch(palette, ivec2(int(code), 0), 0).rgb;
  tint = vec4(mix(shade, page, haze * smoothstep(0.75, 1.35, far)), alpha);
}`;
const CLOUD_FRAGMENT = `#version 300 es
precision highp float;
in vec4 tint; in float extent; uniform vec3 page; uniform float rim; uniform float haze;
out vec4 color;
void main() {
  vec3 shade = tint.rgb; float alpha = tint.a;
  if (extent > 1.9) {
    float r = extent * 0.5; float d = length(gl_PointCoord - 0.5) * extent;
    alpha *= clamp(r - d + 0.4, 0.0, 1.0);
    shade = mix(shade, page, rim * smoothstep(r - rim - 0.8, r - rim + 0.2, d));
  }
  if (haze > 0.0 && alpha < 0.5 * tint.a) discard; // hides nothing behind it
  color = vec4(shade * alpha, alpha);
}`;
const SLOW = 24; // milliseconds of a frame, above which a part of the points stands for all in motion
const COVER = 0.11; // share of the picture that points cover, were they spread evenly
const DENSE = 0.18; // share above which points are paler
const LARGEST = 8;
const SMALLEST = 1.15;

/** Size in pixels and opacity of `count` points on `area` square pixels. */
function lookOf(count, area) {
  const wanted = Math.sqrt((COVER * area) / Math.max(1, count));
  const size = Math.min(LARGEST, Math.max(SMALLEST, 1.6 * wanted ** 0.85));
  const cover = (count * size * size) / area;
  return { size, alpha: Math.min(0.95, Math.max(0.2, 0.92 * (DENSE / cover) ** 0.42)) };
}

/** The looks of points that are not selected, and of those that are. */
function looksOf({ size, alpha }, faded, fade) {
  const bright = faded > 0 ? { size: size + 0.8, alpha: Math.min(1, alpha * 1.5) } : { size, alpha };
  return [{ size, alpha: alpha * fade }, bright];
}

/** What draws points on a canvas: the graphics card, or without WebGL2 the processor. */
function painterOf(canvas) {
  const painter = new PointPainter(canvas);
  return painter.works ? painter : new PointRaster(canvas);
}

class PointPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true });
    if (!this.gl) return;
    this.start();
  }

  get works() {
    return Boolean(this.gl);
  }

  start() {
    const gl = this.gl;
    this.program = compileProgram(gl, CLOUD_VERTEX, CLOUD_FRAGMENT);
    this.at = Object.fromEntries(
      ["matrix", "size", "alpha", "reach", "haze", "palette", "page", "rim"].map((name) => [
        name,
        gl.getUniformLocation(this.program, name),
      ]),
    );
    this.array = gl.createVertexArray();
    this.buffers = { places: gl.createBuffer(), codes: gl.createBuffer(), order: gl.createBuffer() };
    this.texture = gl.createTexture();
    gl.bindVertexArray(this.array);
    this.attribute("code", this.buffers.codes, (at) =>
      gl.vertexAttribIPointer(at, 1, gl.UNSIGNED_BYTE, 0, 0));
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.count = 0;
    this.cost = 0;
  }

  attribute(name, buffer, point) {
    const gl = this.gl;
    const at = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    point(at);
  }

  fill(name, values) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[name]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, values, this.gl.STATIC_DRAW);
  }

  place(cloud) {
    const gl = this.gl;
    gl.bindVertexArray(this.array);
    this.fill("places", cloud.places);
    this.attribute("place", this.buffers.places, (at) =>
      gl.vertexAttribPointer(at, cloud.axes, gl.UNSIGNED_SHORT, true, 0, 0));
    this.cost = 0;
  }

  paint(codes) {
    this.fill("codes", codes);
  }

  /** colors: "#rrggbb" by code. */
  color(colors) {
    const gl = this.gl;
    const texels = new Uint8Array(4 * 256);
    colors.forEach((color, code) => texels.set([...rgb(color), 255], 4 * code));
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  /** order: point ids to draw; the first `faded` of them are drawn pale. */
  arrange({ order, faded }) {
    const gl = this.gl;
    gl.bindVertexArray(this.array);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STATIC_DRAW);
    [this.count, this.faded] = [order.length, faded];
    this.cost = 0;
  }

  /**
   * Draw what the camera sees. look: {size, alpha} of a point; fade: of those not selected;
   * moving: whether a part of the points will do. ratio: pixels of the canvas to one of the page.
   */
  draw(camera, look, { page, fade = 1, moving = false, ratio = window.devicePixelRatio || 1 }) {
    const gl = this.gl;
    const { haze = 0, reach = 1 } = camera; // of a camera in 3-D
    const [width, height] = camera.size;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      [this.canvas.width, this.canvas.height] = [wide, high];
    }
    gl.viewport(0, 0, wide, high);
    gl.clearColor(0, 0, 0, 0);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (this.count === 0) return;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(this.at.palette, 0);
    gl.uniformMatrix4fv(this.at.matrix, false, camera.matrix);
    gl.uniform1f(this.at.reach, reach);
    gl.uniform1f(this.at.haze, haze);
    if (haze > 0) gl.enable(gl.DEPTH_TEST);
    else gl.disable(gl.DEPTH_TEST);
    gl.uniform3f(this.at.page, ...rgb(page).map((part) => part / 255));
    const part = moving && this.cost > SLOW ? SLOW / this.cost : 1;
    const start = performance.now();
    const draw = (from, count, look) => {
      if (count <= 0) return;
      const drawn = Math.ceil(count * part);
      const larger = Math.min(1.6, Math.sqrt(1 / part)); // fewer points stand for all
      gl.uniform1f(this.at.size, Math.max(1, look.size * ratio * larger));
      gl.uniform1f(this.at.alpha, look.alpha);
      gl.uniform1f(this.at.rim, look.size > 5 ? 0.9 : 0);
      gl.drawElements(gl.POINTS, drawn, gl.UNSIGNED_INT, 4 * from);
    };
    const [pale, bright] = looksOf(look, this.faded, fade);
    gl.depthMask(this.faded === 0); // pale ones hide no others
    draw(0, this.faded, pale);
    gl.depthMask(true);
    draw(this.faded, this.count - this.faded, bright);
    if (this.cost === 0) {
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits for the card
      this.cost = performance.now() - start;
    }
  }

  close() {
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
