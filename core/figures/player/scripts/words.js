// What a hop did, and what the pointer is on, in words. Names from users become text, never markup.

function line(...parts) {
  const row = document.createElement("p");
  for (const part of parts) {
    if (Array.isArray(part)) {
      const strong = document.createElement("b");
      strong.textContent = part[0];
      row.append(strong);
    } else {
      row.append(part);
    }
  }
  return row;
}

function counted(number, noun) {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}

function wordsOf(replay, hop) {
  if (hop === 0) return wordsOfStart(replay);
  return hop === replay.hops ? wordsOfAnswer(replay) : wordsOfHop(replay, hop - 1);
}

function wordsOfStart(replay) {
  const { search, scene } = replay;
  return [
    line(
      "The search starts at the entry point, ", [replay.nameOf(scene.entry)],
      `, on layer ${scene.layers - 1}, at distance ${written(search.entry_distance)}.`,
    ),
  ];
}

function wordsOfHop(replay, at) {
  const { search } = replay;
  const layer = search.hop_layer[at];
  const visits = replay.visitsOf(at);
  const entered = visits.filter((visit) => visit.entered).length;
  const first = line(
    `Hop ${at + 1}, layer ${layer}: expands `, [replay.nameOf(search.hop_node[at])],
    ` at ${written(search.hop_distance[at])} and visits ${counted(visits.length, "link")}.`,
  );
  if (layer > 0) {
    const nearer = search.best_row[at] !== search.hop_node[at];
    const name = [replay.nameOf(search.best_row[at])];
    return [
      first,
      nearer
        ? line("The walk goes on to the nearest of them, ", name, `, at ${written(search.best[at])}.`)
        : line(`None is nearer, so the walk goes down to layer ${layer - 1}.`),
    ];
  }
  const left = replay.leaversOf(at).length;
  return [
    first,
    line(`${entered} enter the beam, ${left} leave; it holds ${search.beam_size[at]} of ${search.width}.`),
    line(
      "Nearest so far ", [replay.nameOf(search.best_row[at])],
      ` at ${written(search.best[at])}; farthest in the beam ${written(search.worst[at])}.`,
    ),
  ];
}

function wordsOfAnswer(replay) {
  const { search, truth, answer } = replay;
  const missed = [...truth].filter((row) => !answer.has(row));
  const lines = [
    line(
      `Answer at ef ${search.ef}: `, [`${truth.size - missed.length} of ${truth.size}`],
      " true neighbors, after ", [counted(replay.hops, "hop")], " and ",
      [counted(search.computations, "distance computation")], `, ${search.share} of brute force.`,
    ),
  ];
  if (missed.length > 0) {
    const names = missed.slice(0, 5).map((row) => replay.nameOf(row)).join(", ");
    lines.push(line("Missed: ", [names], missed.length > 5 ? ` and ${missed.length - 5} more.` : "."));
  }
  return lines;
}

function tipOf(replay, { row, layer, hop, distance, role }) {
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
  if (role) parts.push(line(`${role} at ${written(distance, 4)}, hop ${hop}`));
  else parts.push(line(`row ${row.toLocaleString("en-US")}, on layer ${layer}`));
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
