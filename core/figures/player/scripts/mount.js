// The two ways in: an element of the app, and a page of its own.

const SCENES = (globalThis.nearfieldScenes ??= new Map());
const SCENES_AT_MOST = 4;
const PLAYERS = new WeakMap();

/** Keep a scene for the players that wait for it. */
function keepScene(bytes) {
  const scene = readScene(bytes);
  const waiting = SCENES.get(scene.id)?.waiting ?? [];
  SCENES.delete(scene.id);
  SCENES.set(scene.id, { scene });
  for (const [id] of [...SCENES].slice(0, -SCENES_AT_MOST)) SCENES.delete(id);
  waiting.forEach((tell) => tell(scene));
}

function whenScene(id, tell) {
  const held = SCENES.get(id);
  if (held?.scene) tell(held.scene);
  else SCENES.set(id, { waiting: [...(held?.waiting ?? []), tell] });
}

function mountPlayer(root, bytes, picked, { linked = false } = {}) {
  let player = PLAYERS.get(root);
  if (!player) {
    player = new Player(root, { picked, linked });
    PLAYERS.set(root, player);
    root.nearfieldPlayer = player;
  }
  player.picked = picked;
  const content = readSearches(bytes);
  player.asked_for = content;
  whenScene(content.scene, (scene) => {
    if (player.asked_for === content) player.show(scene, content);
  });
  return player;
}
