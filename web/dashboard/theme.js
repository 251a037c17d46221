// A classic script, before the styles: a page that is to be dark is never seen in light.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('hearth-theme');
  } catch {
    // Storage is forbidden; the system's theme it is.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
