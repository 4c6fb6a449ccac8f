// The legend: what is drawn at a step, and nothing else.

const SIGNS = { disc: "●", ring: "○", diamond: "◆", cross: "✕", line: "━", thin: "─", dashed: "╍" };

/** Pairs of a sign and words for what one search shows at a step: {key, sign, role, words}. */
function legendAt(pane, step) {
  const { replay, view } = pane;
  const { search } = replay;
  const at = step - 1;
  const inHop = step > 0 && step <= replay.hops;
  const onBase = replay.layerOf(step) === 0;
  const ended = step === replay.end;
  const visits = inHop ? replay.visitsOf(at) : [];
  const entered = visits.filter((visit) => visit.entered).length;
  const truthSeen = [...replay.truth.keys()].filter((row) => (replay.seenAt.get(row) ?? Infinity) <= step);
  const beam = [...replay.beamAfter(step)].filter((row) => !replay.truth.has(row));
  const items = [];
  const add = (drawn, sign, role, words) => drawn && items.push({ sign: SIGNS[sign], role, words });
  add(search.item >= 0, "diamond", "text", "query item");
  add(true, "diamond", "entry", "entry point");
  add(inHop, "disc", "expanded", "expanded in this hop");
  add(replay.descent > 0 && step > 1, "line", "expanded", "descent");
  add(step > replay.descent + 1, "thin", "expanded", "order of expansion");
  add(step > 0, "disc", "visited", "visited");
  add(inHop && visits.length > entered, "thin", "visited", "link to a node visited in this hop");
  add(inHop && entered > 0, "line", "found", onBase ? "link to a node kept" : "link to a nearer node");
  add(beam.length > 0, "disc", "found", ended ? "in the beam or the answer" : "in the beam");
  add(onBase, "ring", "found", "farthest kept");
  add(inHop && replay.leaversOf(at).length > 0, "ring", "muted", "pushed out of the beam");
  add(ended && search.stop.row >= 0, "ring", "expanded", "next candidate");
  const unseen = replay.truth.size - truthSeen.length;
  const right = replay.truth.size - replay.missed.length;
  add(!ended && unseen > 0, "ring", "truth", "true neighbor, not seen yet");
  add(!ended && truthSeen.length > 0, "disc", "truth", "true neighbor, seen");
  add(ended && right > 0, "disc", "truth", "true neighbor, found");
  add(ended && replay.missed.length > 0, "cross", "missed", "true neighbor, missed");
  add(view.pathShown, "dashed", "missed", "would have led there");
  add(search.lit_layer.length > 0, "thin", "text", "links of the chosen node");
  add(view.showsLinks(step), "thin", "muted", "links of the layer");
  return items;
}

/** The legend's element for one entry. */
function legendItem({ sign, words }, color) {
  const item = document.createElement("span");
  const mark = document.createElement("i");
  mark.textContent = sign;
  mark.style.color = color;
  item.append(mark, words);
  return item;
}
