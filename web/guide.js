const kConnected = new Set(['open', 'authenticating', 'authenticated']);

/**
 * The first steps: says what to do next and offers it as one button. `view` is what the page knows:
 * {state, url, closedCode, name, room, inRooms, saidHello, openedTab}; `actions` are functions by the name of a step.
 */
const kSteps = [
  {
    done: ({ state, closedCode }) => kConnected.has(state) || (state === 'closed' && closedCode === 4001),
    title: ({ state }) => (state === 'closed' ? 'Connect' : state === 'waiting' ? 'The server is away' : 'Connecting'),
    text: ({ state, url }) => (state === 'waiting'
      ? 'This page tries again by itself, with your name and your rooms.'
      : `One WebSocket to ${url}.`),
    button: ({ state }) => (state === 'closed' ? 'Connect' : null),
    action: 'connect',
  },
  {
    done: ({ state }) => state === 'authenticated',
    title: () => 'Give yourself a name',
    text: ({ state }) => (state === 'closed'
      ? 'A server lets go of whoever says no name for a while. This button connects again and says yours.'
      : 'In dev mode the server takes any name as your user id; if its configuration wants tokens, give one for a name.'),
    button: ({ name }) => `Authenticate as ${name}`,
    action: 'authenticate',
  },
  {
    done: ({ inRooms }) => inRooms,
    title: () => 'Join a room',
    text: () => 'What is published to a room reaches everybody in it.',
    button: ({ room }) => `Join ${room}`,
    action: 'join',
  },
  {
    done: ({ saidHello }) => saidHello,
    title: () => 'Say hello',
    text: ({ room }) => `Publish a message to ${room} and watch it come back from the server.`,
    button: ({ room }) => `Say hello to ${room}`,
    action: 'hello',
  },
  {
    done: ({ openedTab }) => openedTab,
    title: () => 'Open a second tab',
    text: ({ room }) => `It joins ${room} under a name of its own. What you publish in one arrives in the other.`,
    button: () => null,
    link: true,
  },
];

const kAllDone = {
  title: 'Messages go round',
  text: 'Click a frame to see all of it. Stop the server and start it again: this page comes back by itself.',
};

export class Guide {
  #nodes;
  #action = null;

  /** `nodes`: {root, steps, title, text, button, link, hide}; `perform` gets the name of an action. */
  constructor(nodes, perform) {
    this.#nodes = nodes;
    nodes.button.addEventListener('click', () => this.#action && perform(this.#action));
    nodes.hide.addEventListener('click', () => {
      nodes.root.hidden = true;
    });
  }

  draw(view) {
    const { steps, title, text, button, link, root } = this.#nodes;
    const current = kSteps.findIndex((step) => !step.done(view));
    [...steps.children].forEach((item, index) => {
      const done = current < 0 || index < current;
      item.className = done ? 'done' : index === current ? 'current' : '';
      if (index === current) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    });
    const step = kSteps[current];
    root.classList.toggle('complete', !step);
    setText(title, step ? step.title(view) : kAllDone.title);
    setText(text, step ? step.text(view) : kAllDone.text);
    const label = step?.button(view) ?? null;
    this.#action = step?.action ?? null;
    const hadFocus = document.activeElement === button;
    button.hidden = label === null;
    setText(button, label ?? '');
    link.hidden = !step?.link;
    if (hadFocus && step?.link) link.focus();
  }
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
