// Whether the page is light or dark now, also after the visitor has switched it.

/** Call `changed` whenever the background of an element, which passes over to the next, changes. */
function onThemeChange(element, changed) {
  element.addEventListener("transitionend", (event) => {
    if (event.target === element && event.propertyName === "background-color") changed();
  });
}

/** Whether the background of an element is darker than a middle gray. */
function isDark(element) {
  const channels = getComputedStyle(element).backgroundColor.match(/[\d.]+/g);
  const [red, green, blue] = (channels ?? [255, 255, 255]).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}
