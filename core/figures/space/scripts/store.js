// What the elements beside the picture have received, and the page's address.

const PARTS_AT_MOST = 16;
const LINK = { view: "zoom", second: "zoom_second", hidden: "hidden", areas: "areas" };

/** One store a page, made by whichever element comes first (see pages/map/picture.py). */
const STORE = (globalThis.nearfieldMaps ??= { inbox: [], overlays: {}, cards: {}, tell: new Set() });
STORE.parts ??= new Map();
STORE.views ??= new Map(); // by space
STORE.hidden ??= new Map(); // by title of the legend

/** A part by its name, {meta, arrays}, or undefined where it has not come yet. */
function partNamed(name) {
  for (const bytes of STORE.inbox.splice(0)) {
    const part = unpack(bytes);
    STORE.parts.set(part.meta.id, part);
  }
  const part = STORE.parts.get(name);
  if (part) {
    STORE.parts.delete(name);
    STORE.parts.set(name, part); // the last used are kept
  }
  for (const [old] of [...STORE.parts].slice(0, -PARTS_AT_MOST)) STORE.parts.delete(old);
  return part;
}

function askedOfLink(key) {
  return new URLSearchParams(location.search).get(LINK[key]) ?? "";
}

/** Write values into the address without a visit; an empty one is taken out. */
function writeAddress(values) {
  const url = new URL(location.href);
  for (const [key, value] of Object.entries(values)) {
    if (value) url.searchParams.set(LINK[key], value);
    else url.searchParams.delete(LINK[key]);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
