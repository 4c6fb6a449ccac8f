// One card for each column. Numbers and dates are brushed: drag, or arrow keys, Shift and Enter.
// Values are clicked. Texts of the data are set as text alone.

export default function ({ data, parentElement, setTriggerValue }) {
  const room = parentElement.querySelector(".nfh");
  room.classList.toggle("dark", data.dark);
  const focused = room.contains(room.getRootNode().activeElement)
    ? room.getRootNode().activeElement.dataset.place
    : null;
  const scrolled = [...room.querySelectorAll(".values")].map((each) => each.scrollTop);
  const send = (column, what) =>
    setTriggerValue("done", { column, drawn: data.drawn, ...what });
  room.replaceChildren(...data.columns.map((column, at) => card(column, at, send)));
  [...room.querySelectorAll(".values")].forEach((each, at) => {
    each.scrollTop = scrolled[at] || 0;
  });
  if (focused) {
    const again = [...room.querySelectorAll("[data-place]")].find(
      (each) => each.dataset.place === focused,
    );
    if (again) again.focus({ preventScroll: true });
  }
}

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function card(column, at, send) {
  const made = make("section");
  made.setAttribute("aria-label", column.title);
  const head = make("header");
  const title = make("h4", "", column.title);
  title.title = column.title;
  head.append(title);
  if (column.filtered) {
    const clear = make("button", "", "Clear");
    clear.type = "button";
    clear.dataset.place = `${at} clear`;
    clear.setAttribute("aria-label", `Clear the filter of ${column.title}`);
    clear.onclick = () => send(at, { does: "clear" });
    head.append(clear);
  }
  made.append(head);
  if (column.kind === "category") made.append(values(column, at, send));
  else made.append(...range(column, at, send));
  return made;
}

function counted(column, bar) {
  const every = column.all[bar].toLocaleString("en-US");
  const left = column.left[bar];
  return left === column.all[bar] ? every : `${left.toLocaleString("en-US")} of ${every}`;
}

function share(count, most) {
  return count ? `max(1px, ${(100 * count) / most}%)` : "0";
}

function value(column, at, bar, name, most, send) {
  const made = make("button", "value");
  made.type = "button";
  made.dataset.place = `${at} ${bar}`;
  made.setAttribute("aria-pressed", String(column.chosen.includes(bar)));
  const every = make("i", "every");
  every.style.width = share(column.all[bar], most);
  const left = make("i", "left");
  left.style.width = share(column.left[bar], most);
  const label = make("span", "name", name);
  label.title = name;
  made.append(every, left, label, make("span", "count", counted(column, bar)));
  made.onclick = () => send(at, { does: "toggle", bar });
  return made;
}

function values(column, at, send) {
  const made = make("div", "values");
  const most = Math.max(1, ...column.all);
  column.names.forEach((name, bar) => made.append(value(column, at, bar, name, most, send)));
  const missing = column.names.length;
  if (column.all[missing]) made.append(value(column, at, missing, "no value", most, send));
  return made;
}

function range(column, at, send) {
  const count = column.names.length;
  const most = Math.max(1, ...column.all.slice(0, count));
  const bars = make("div", "bars");
  const brush = make("div", "brush");
  const told = make("div", "told");
  told.setAttribute("aria-live", "polite");
  bars.tabIndex = 0;
  bars.dataset.place = `${at} bars`;
  bars.setAttribute("role", "group");
  bars.setAttribute(
    "aria-label",
    `${column.title}: arrow keys move, Shift and an arrow widens, Enter filters, Escape clears`,
  );
  for (let bar = 0; bar < count; bar += 1) {
    const made = make("div", "bar");
    const every = make("i", "every");
    every.style.height = share(column.all[bar], most);
    const left = make("i", "left");
    left.style.height = share(column.left[bar], most);
    made.append(every, left);
    bars.append(made);
  }
  bars.append(brush);
  const draw = (span) => {
    brush.hidden = !span;
    if (!span) return;
    brush.style.left = `${(100 * span[0]) / count}%`;
    brush.style.right = `${100 - (100 * span[1]) / count}%`;
  };
  const tell = (first, last) => {
    const name =
      first === last ? column.names[first] : `${column.names[first]} … ${column.names[last]}`;
    told.textContent = first === last ? `${name}: ${counted(column, first)}` : name;
  };
  draw(column.span);
  let start = null;
  let end = null;
  const barAt = (event) => {
    const box = bars.getBoundingClientRect();
    const place = Math.floor((count * (event.clientX - box.left)) / box.width);
    return Math.min(Math.max(place, 0), count - 1);
  };
  const show = () => {
    const [first, last] = [Math.min(start, end), Math.max(start, end)];
    draw([first, last + 1]);
    tell(first, last);
  };
  const finish = () => {
    const [first, last] = [Math.min(start, end), Math.max(start, end)];
    start = null;
    send(at, { does: "brush", first, last });
  };
  bars.onpointerdown = (event) => {
    if (event.button) return;
    bars.setPointerCapture(event.pointerId);
    start = barAt(event);
    end = start;
    show();
  };
  bars.onpointermove = (event) => {
    const bar = barAt(event);
    if (start === null) tell(bar, bar);
    else {
      end = bar;
      show();
    }
  };
  bars.onpointerup = () => start !== null && finish();
  bars.onpointercancel = () => {
    start = null;
    draw(column.span);
  };
  bars.onpointerleave = () => {
    if (start === null) told.textContent = "";
  };
  bars.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const from = end === null ? (step > 0 ? -1 : count) : end;
      end = Math.min(Math.max(from + step, 0), count - 1);
      if (start === null || !event.shiftKey) start = end;
      show();
    } else if (event.key === "Enter" && start !== null) finish();
    else if (event.key === "Escape") send(at, { does: "clear" });
    else return;
    event.preventDefault();
  };
  const ends = make("div", "ends");
  ends.append(make("span", "", column.names[0]), make("span", "", column.names[count - 1]));
  const made = [bars, ends, told];
  if (column.all[count]) {
    made.push(value(column, at, count, "no value", Math.max(...column.all), send));
  }
  return made;
}
