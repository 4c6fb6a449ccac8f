// What the player reads from its payloads.

/** A scene with an index from row id to point. */
function readScene(bytes) {
  const { meta, arrays } = unpack(bytes);
  const pointOfRow = new Map();
  arrays.row.forEach((row, point) => pointOfRow.set(row, point));
  return { ...meta, ...arrays, points: arrays.row.length, pointOfRow };
}

/** The searches of one payload, each with its own arrays. */
function readSearches(bytes) {
  const { meta, arrays } = unpack(bytes);
  const searches = meta.searches.map((search, number) => {
    const own = { ...search };
    for (const [name, array] of Object.entries(arrays)) {
      const [owner, field] = name.split(".");
      if (Number(owner) === number) own[field] = array;
    }
    return own;
  });
  return { ...meta, searches };
}
