// What the server counts, once a second.

const login = document.getElementById('login');
const state = document.getElementById('state');
const figures = document.getElementById('figures');

function show(sample) {
  const rows = ['connections', 'clients', 'users', 'rooms', 'messagesIn', 'messagesOut'].flatMap((name) => {
    const term = document.createElement('dt');
    const value = document.createElement('dd');
    term.textContent = name;
    value.textContent = String(sample[name]);
    return [term, value];
  });
  figures.replaceChildren(...rows);
}

function watch() {
  login.hidden = true;
  state.textContent = '';
  new EventSource('/api/live').addEventListener('sample', (event) => show(JSON.parse(event.data)));
}

/** The session, as the answer tells it. */
async function begin(answer) {
  const session = await answer.json();
  if (!answer.ok) {
    state.textContent = session.detail;
  } else if (session.keys && !session.signedIn) {
    login.hidden = false;
  } else {
    watch();
  }
}

login.addEventListener('submit', async (event) => {
  event.preventDefault();
  const key = document.getElementById('key').value;
  await begin(await fetch('/api/session', { method: 'POST', body: JSON.stringify({ key }) }));
});

await begin(await fetch('/api/session'));
