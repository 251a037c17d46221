const kKey = 'hearth-theme';
const kThemes = ['system', 'light', 'dark'];

const current = () => document.documentElement.dataset.theme ?? 'system';

function apply(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(kKey);
    else localStorage.setItem(kKey, theme);
  } catch {
    // Not remembered then.
  }
}

/** Makes a button go round between the system's theme, light and dark. */
export function switchTheme(button) {
  const label = () => {
    button.textContent = `Theme: ${current()}`;
  };
  button.addEventListener('click', () => {
    apply(kThemes[(kThemes.indexOf(current()) + 1) % kThemes.length]);
    label();
  });
  label();
}
