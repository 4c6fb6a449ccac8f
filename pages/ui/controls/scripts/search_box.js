const WAIT = 150; // milliseconds after the last letter

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".nf-find");
  box.nearfield = box.nearfield || makeSearchBox(box);
  box.nearfield.take(data, setTriggerValue);
}

function makeSearchBox(box) {
  const input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]");
  const counted = box.querySelector("[role=status]");
  const label = box.querySelector("label");
  const walk = box.querySelector(".nf-walk");
  let send = () => {};
  let shown = { hits: [], asked: "" };
  let active = -1;
  let asked = "";
  let waiting;
  let enter = false;

  const open = (isOpen) => {
    list.parentElement.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) mark(-1);
  };
  const mark = (place) => {
    active = place;
    [...list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === place));
      if (at === place) option.scrollIntoView({ block: "nearest" });
    });
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `nf-hit-${place}`);
  };
  const choose = (place) => {
    const hit = shown.hits[place];
    if (!hit) return;
    clearTimeout(waiting);
    input.value = "";
    asked = "";
    open(false);
    send("picked", [hit.row, place]);
  };
  const ask = () => {
    const typed = input.value.trim();
    if (typed === asked) return;
    asked = typed;
    if (typed) send("typed", typed);
    else open(false);
  };
  const line = (hit, place) => {
    const option = document.createElement("li");
    option.id = `nf-hit-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = hit.name;
    const more = document.createElement("small");
    more.textContent = hit.more;
    option.append(name, more);
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(place);
    });
    return option;
  };
  const draw = () => {
    list.replaceChildren(...shown.hits.map(line));
    counted.textContent = shown.count;
    mark(shown.hits.length ? 0 : -1);
    open(true);
  };

  input.addEventListener("input", () => {
    enter = false;
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  });
  input.addEventListener("focus", () => asked && shown.asked === asked && open(true));
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    const count = shown.hits.length;
    const isOpen = !list.parentElement.hidden;
    if (event.key === "Enter") {
      clearTimeout(waiting);
      if (isOpen && shown.asked === input.value.trim()) choose(Math.max(active, 0));
      else {
        enter = true; // the first hit is taken once it is there
        ask();
      }
    } else if (event.key === "Escape") open(false);
    else if (count && isOpen && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      mark((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else return;
    event.preventDefault();
  });
  walk.addEventListener("click", (event) => {
    const step = event.target.dataset && event.target.dataset.step;
    if (step) send("stepped", Number(step));
  });

  const take = (data, setTriggerValue) => {
    send = setTriggerValue;
    label.textContent = data.label;
    input.placeholder = data.name;
    input.setAttribute("aria-label", data.label);
    walk.hidden = !data.walk;
    walk.querySelector("span").textContent = data.walk;
    if (data.asked === shown.asked && data.count === shown.count) return;
    shown = data;
    if (!data.asked || data.asked !== input.value.trim()) return;
    draw();
    if (enter) choose(0);
    enter = false;
  };
  return { take };
}
