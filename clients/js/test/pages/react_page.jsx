/** Components for the tests, in StrictMode: `window.mount` and what it leaves on the page. */
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { HearthClient } from '../../dist/index.js';
import { useConnection, useEvent, useRoom } from '../../dist/react.js';

function Room({ client, name }) {
  const [news, setNews] = useState([]);
  const [factor, setFactor] = useState(1);
  const { room, state, recovered } = useRoom(client, name, { on: { news: (n) => setNews((all) => [...all, n * factor]) } });
  const [seen, setSeen] = useState(0);
  useEvent(room, 'news', () => setSeen(seen + 1));
  useEvent(client, 'twice', () => setFactor(2));
  return <p>{`${name} ${state} ${recovered} [${news}] seen ${seen} x${factor}`}</p>;
}

function State({ client }) {
  const { state, error, delay } = useConnection(client);
  window.renderings = (window.renderings ?? 0) + 1;
  return <h1>{`${state} ${delay === null ? 'now' : 'later'} ${error?.kind}`}</h1>;
}

function Page({ client }) {
  const [rooms, setRooms] = useState(['tea', 'tea']);
  const [shown, setShown] = useState(true);
  Object.assign(window, { setRooms, setState: setShown });
  return (
    <>
      {shown && <State client={client} />}
      {rooms.map((name, at) => <Room key={at} client={client} name={name} />)}
    </>
  );
}

window.mount = (url) => {
  // What is lost is waited for until the test says otherwise.
  window.client = new HearthClient(url, { shouldReconnect: () => true, backoff: { min: 1e9, max: 1e9 }, clock: {
    Date, Math: { random: () => 1 }, setTimeout: (run, ms) => setTimeout(run, ms), clearTimeout: (timer) => clearTimeout(timer),
  } });
  window.root = createRoot(document.getElementById('root'));
  window.root.render(<StrictMode><Page client={window.client} /></StrictMode>);
  window.client.connect();
};
