// Colors by role, handed over by Python so that they are the same on every page.

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** `roles` holds a color for each role, and whether the page is dark. */
function makeTheme(roles, font) {
  const colors = Object.fromEntries(
    Object.entries(roles.colors).map(([role, color]) => [role, rgb(color)]),
  );
  const css = ([red, green, blue], alpha) => `rgba(${red},${green},${blue},${alpha})`;
  return {
    ...colors,
    css,
    font,
    dark: roles.dark,
    planeAlpha: roles.dark ? 34 : 26,
    textColor: css(colors.text, 1),
    mutedText: css(colors.muted, 1),
    gridText: css(colors.grid, 1),
    shade: css(colors.muted, 0.08),
  };
}
