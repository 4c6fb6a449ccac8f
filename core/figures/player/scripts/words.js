// What a step does, in four lines of pseudo code with its numbers, and what the pointer is on.
// Names from users become text, never markup.

function line(...parts) {
  const row = document.createElement("p");
  row.append(...parts.map(partOf));
  return row;
}

/** Text as it is; [text] strong. */
function partOf(part) {
  if (!Array.isArray(part)) return part;
  const strong = document.createElement("b");
  strong.textContent = part[0];
  return strong;
}

function counted(number, noun) {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Two numbers with the fewest digits, 3 to 9, at which they read differently. */
function apart(first, second) {
  for (let digits = 3; digits < 9; digits++) {
    const words = [written(first, digits), written(second, digits)];
    if (words[0] !== words[1] || first === second) return words;
  }
  return [written(first, 9), written(second, 9)];
}

/**
 * A step in words: {head, code, outcome}. code: four lines, each {words, value, lit}; `value` is
 * what stands in the line's place at this step.
 */
function storyOf(replay, step) {
  if (step === 0) return storyOfStart(replay);
  if (step === replay.end) return storyOfEnd(replay);
  return replay.search.hop_layer[step - 1] > 0
    ? storyOfDescent(replay, step - 1)
    : storyOfHop(replay, step - 1);
}

const BEAM_CODE = [
  "take the nearest candidate not yet expanded",
  "if it is farther than the farthest kept and the beam is full: stop",
  "else compute the distance to each link not visited",
  "keep it if it is nearer than the farthest kept",
];
const DESCENT_CODE = [
  "stand at the nearest node so far",
  "compute the distance to each of its links",
  "if one is nearer: go to the nearest",
  "else: go down one layer",
];

function coded(code, values, lit) {
  return code.map((words, i) => ({ words, value: values[i] ?? [], lit: lit.includes(i) }));
}

function storyOfStart(replay) {
  const { search, scene } = replay;
  const size = search.truth_row.length;
  return {
    head: ["Before the search"],
    code: coded(BEAM_CODE, [], []),
    outcome: [
      line(
        `It looks for the ${size === 1 ? "item" : `${size} items`} nearest to `, [search.query],
        ". It starts at the entry point, ", [replay.nameOf(scene.entry)],
        `, on layer ${scene.layers - 1}, at ${written(search.entry_distance)}, goes down layer by ` +
          `layer, and on layer 0 keeps the ${search.width} nearest found so far, the beam` +
          (search.width > search.ef ? " (k + 1, for the query itself takes a place)." : "."),
      ),
    ],
  };
}

function storyOfDescent(replay, at) {
  const { search } = replay;
  const layer = search.hop_layer[at];
  const visits = replay.visitsOf(at);
  const nearer = search.best_row[at] !== search.hop_node[at];
  const [here, there] = nearer
    ? apart(search.hop_distance[at], search.best[at])
    : [written(search.hop_distance[at])];
  const nearest = Math.min(...visits.map((visit) => visit.distance));
  const values = [
    [[here], ` ${replay.nameOf(search.hop_node[at])}`],
    [[counted(visits.length, "link")]],
    nearer
      ? [[`yes: ${there} < ${here}`], `, ${replay.nameOf(search.best_row[at])}`]
      : [["no"], visits.length > 0 ? `: the nearest is at ${apart(nearest, search.hop_distance[at])[0]}` : ""],
    nearer ? [] : [[`to layer ${layer - 1}`]],
  ];
  return {
    head: [`Hop ${at + 1}, layer ${layer}`, ": the way down"],
    code: coded(DESCENT_CODE, values, nearer ? [0, 1, 2] : [0, 1, 3]),
    outcome: [],
  };
}

function storyOfHop(replay, at) {
  const { search } = replay;
  const visits = replay.visitsOf(at);
  const kept = visits.filter((visit) => visit.entered).length;
  const distance = search.hop_distance[at];
  const isFirst = at === 0 || search.hop_layer[at - 1] > 0;
  const [held, worst] = isFirst ? [1, distance] : [search.beam_size[at - 1], search.worst[at - 1]];
  const isFull = held >= search.width;
  const [here, bound] = apart(distance, worst);
  const values = [
    [[here], ` ${replay.nameOf(search.hop_node[at])}`],
    isFull
      ? [[`no: ${here} ${distance < worst ? "<" : "="} ${bound}`]]
      : [["no"], `: the beam holds ${held} of ${search.width}`],
    [[`${visits.length} of ${counted(search.hop_links[at], "link")}`]],
    [[`${kept} kept`], `, ${replay.leaversOf(at).length} pushed out`],
  ];
  return {
    head: [`Hop ${at + 1}, layer 0`],
    code: coded(BEAM_CODE, values, [0, 1, 2, 3]),
    outcome: [
      line(
        "Nearest so far ", [replay.nameOf(search.best_row[at])],
        ` at ${written(search.best[at])}; the beam holds ${search.beam_size[at]} of ` +
          `${search.width}, the farthest at ${written(search.worst[at])}.`,
      ),
    ],
  };
}

function storyOfEnd(replay) {
  const { search, truth, missed } = replay;
  const { row, words, meaning, distance, worst } = search.stop;
  const isLeft = row >= 0;
  const [next, bound] = isLeft ? apart(distance, worst) : [];
  const values = isLeft
    ? [[[next], ` ${replay.nameOf(row)}`], [[distance > worst ? `yes: ${next} > ${bound}` : "yes"]]]
    : [[["none is left: stop"]]];
  const answer = line(
    `Answer at ef ${search.ef}: `, [`${truth.size - missed.length} of ${truth.size}`],
    " true neighbors, after ", [counted(replay.hops, "hop")], " and ",
    [counted(search.computations, "distance computation")], `, ${search.share} of brute force.`,
  );
  const stop = line([words]);
  stop.className = "nf-stop";
  return {
    head: ["The search stops"],
    code: coded(BEAM_CODE, values, isLeft ? [0, 1] : [0]),
    outcome: meaning ? [stop, line(meaning), answer] : [stop, answer],
    missed,
  };
}

/** The elements of a story; `phase` lights one line of code alone, null all that were run. */
function storyElements(story, phase) {
  const head = line([story.head[0]], ...story.head.slice(1));
  head.className = "nf-head";
  const list = document.createElement("ol");
  list.className = "nf-code";
  story.code.forEach(({ words, value, lit }, i) => {
    const item = document.createElement("li");
    item.classList.toggle("nf-lit", lit && (phase === null || phase === i));
    item.append(words);
    if (value.length > 0 && (phase === null || phase >= i)) {
      const told = document.createElement("span");
      told.append(...value.map(partOf));
      item.append(" ", told);
    }
    list.append(item);
  });
  return [head, list, ...story.outcome];
}

/** What is known of the row that the pointer is on. */
function tipOf(replay, { row, layer }) {
  const { scene } = replay;
  const point = scene.pointOfRow.get(row);
  const parts = [line([replay.nameOf(row)])];
  const picture = point === undefined ? undefined : scene.pictures[point];
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = "";
    parts.unshift(image);
  }
  parts.push(line(
    `row ${row.toLocaleString("en-US")}`, layer ? `, on layer ${layer}` : "",
    `, at ${replay.search.distance_name} ${written(exactDistance(replay, row), 4)}`,
  ));
  const place = replay.truth.get(row);
  if (place === undefined || replay.seenAt.has(row)) parts.push(line(historyOf(replay, row)));
  if (place !== undefined) parts.push(line(`true neighbor ${place + 1}, ${replay.search.truth_words[place]}`));
  const walk = replay.pathTo(row);
  if (walk.length > 1) parts.push(line(`would have led there: ${walk.map((at) => replay.nameOf(at)).join(" → ")}`));
  if (point !== undefined) {
    const label = scene.classes[scene.label[point]];
    if (label) parts.push(line(label));
    parts.push(line(
      `level ${scene.level[point]}, ${counted(scene.out_degree[point], "link")} out, ` +
        `${scene.in_degree[point].toLocaleString("en-US")} in (layer 0)`,
    ));
  }
  return parts;
}

/** As the search measured it where it did, else to a 65,535th of the range of all. */
function exactDistance(replay, row) {
  const { search } = replay;
  const place = replay.truth.get(row);
  if (place !== undefined) return search.truth_distance[place];
  const visit = search.visit_row.indexOf(row);
  if (visit >= 0) return search.visit_distance[visit];
  const hop = search.hop_node.indexOf(row);
  return hop >= 0 ? search.hop_distance[hop] : replay.distanceOf(row);
}

/** When the search saw a row, kept it, expanded it and pushed it out. */
function historyOf(replay, row) {
  const { seenAt, enteredAt, expandedAt, leftAt, metAbove, descent, search } = replay;
  if (row === search.item) return "the query itself: it fills a place of the beam and is left out of the answer";
  const seen = seenAt.get(row);
  if (seen === undefined) {
    const above = metAbove.has(row) ? `met on the descent in hop ${metAbove.get(row)}; ` : "";
    const links = replay.linksInto(row);
    if (links === 0) return `${above}not visited on layer 0: no link leads to it`;
    const none = links === 1 ? "its one in-link was not expanded" : `none of its ${links.toLocaleString("en-US")} in-links was expanded`;
    return `${above}not visited on layer 0: ${none}`;
  }
  const parts = [seen === descent + 1 && expandedAt.get(row) === seen ? "where the descent ended" : `first seen in hop ${seen}`];
  if (enteredAt.has(row)) parts.push("kept");
  else if (!expandedAt.has(row)) parts.push("farther than the farthest kept");
  if (expandedAt.has(row)) parts.push(`expanded in hop ${expandedAt.get(row)}`);
  if (leftAt.has(row)) parts.push(`pushed out in hop ${leftAt.get(row)}`);
  else if (replay.answer.has(row)) parts.push("returned");
  else if (enteredAt.has(row)) parts.push("in the beam at the end, not among the k nearest of it");
  return parts.join(", ");
}
