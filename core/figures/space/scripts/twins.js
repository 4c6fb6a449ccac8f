// Two maps of the same rows side by side: what one tells the other, without a run of the script.

STORE.twins ??= new Set();

const TWINS = {
  join: (map) => STORE.twins.add(map),
  leave: (map) => STORE.twins.delete(map),

  others: (map) => [...STORE.twins].filter((other) => other !== map && other.cloud),

  /** Ring the row under the pointer in the other map too; -1 for none. */
  point(map, row) {
    for (const other of TWINS.others(map)) other.echo(row);
  },

  /** Hide the same classes in the other map. */
  hide(map, title, hidden) {
    for (const other of TWINS.others(map)) other.hideToo(title, hidden);
  },

  /** Whether another element draws the same map: this one was drawn anew in another place. */
  isReplaced: (map) => TWINS.others(map).some((other) => other.key === map.key),
};
