// The step and the camera in the page's address, so that a link shows the same.

const LINK_KEYS = { step: "hop", camera: "camera", chosen: "node" };

/** What the address asks for: {step, camera}, each null where it says nothing of use. */
function askedFor() {
  const asked = new URLSearchParams(location.search);
  const step = Number(asked.get(LINK_KEYS.step) ?? NaN);
  return {
    step: Number.isInteger(step) && step >= 0 ? step : null,
    camera: cameraOf(asked.get(LINK_KEYS.camera)),
  };
}

/** Write values into the address without a visit; an empty one is taken out. */
function writeLink(values) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value === "") url.searchParams.delete(LINK_KEYS[name]);
    else url.searchParams.set(LINK_KEYS[name], value);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

/** Put text on the clipboard; false where the browser does not allow it. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}
