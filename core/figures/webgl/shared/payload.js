// Payloads: a length, a JSON header, then typed arrays. Written by core/figures/webgl/packed.py.

const ARRAY_TYPES = {
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  f4: Float32Array,
};

/** Bytes -> {meta, arrays}; the arrays are views into the bytes wherever alignment allows. */
function unpack(bytes) {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const headerLength = new DataView(aligned.buffer, aligned.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(aligned.subarray(4, 4 + headerLength)));
  const body = aligned.byteOffset + 4 + headerLength;
  const arrays = {};
  for (const [name, [type, offset, length]] of Object.entries(header.arrays)) {
    arrays[name] = new ARRAY_TYPES[type](aligned.buffer, body + offset, length);
  }
  return { meta: header.meta, arrays };
}

function start(ends, place) {
  return place === 0 ? 0 : ends[place - 1];
}

function written(value, digits = 3) {
  if (!Number.isFinite(value)) return "none";
  const size = Math.abs(value);
  if (size < 1e-12) return "0"; // rounding
  if (size < 1e-4 || size >= 1e6) return value.toExponential(digits - 1);
  if (size >= 1000) {
    const whole = Math.floor(Math.log10(size)) + 1; // never fewer digits than the whole number has
    return value.toLocaleString("en-US", { maximumSignificantDigits: Math.max(digits, whole) });
  }
  return String(Number(value.toPrecision(digits)));
}
