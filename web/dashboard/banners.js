import { announce } from './announce.js';
import { h } from './dom.js';
import { live } from './live.js';
import { session } from './session.js';

const kGoodBrokers = ['connected', 'ready'];

/** Warnings that the sample itself tells, too. */
const kSaidAlready = ['broker_degraded', 'draining'];

const kWarnings = {
  limit_reached: 'A limit is reached',
  certificate_ends: 'A certificate is near its end',
  keys_failing: 'A key set cannot be fetched',
  events_failing: 'Events wait',
  backend_down: 'The backend does not answer',
};

/** A clause that the server says, as a sentence. */
const sentence = (clause = '') => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

/** What has to be known of the server at a glance: `{ tone, title, detail }` each, the worst first. */
function concerns(sample) {
  const found = [];
  if (live.state === 'lost') {
    found.push({
      tone: 'bad',
      title: 'No contact with the server.',
      detail: 'What is shown is what it said last. It is tried again every few seconds.',
    });
  }
  if (sample?.broker && !kGoodBrokers.includes(sample.broker)) {
    found.push({
      tone: 'bad',
      title: 'Cut off from the other instances.',
      detail: `The broker is ${sample.broker}: clients of this instance hear each other, and what is for others waits.`,
    });
  }
  if (sample?.draining) {
    found.push({ tone: 'warn', title: 'Draining.', detail: 'This instance sends its clients to others, and ends.' });
  }
  for (const { code, detail } of sample?.warnings ?? []) {
    if (kSaidAlready.includes(code)) continue;
    found.push({ tone: 'warn', title: `${kWarnings[code] ?? code.replaceAll('_', ' ')}.`, detail: sentence(detail) });
  }
  if (session.isOpen) {
    found.push({
      tone: 'note',
      title: 'No key is needed here.',
      detail: 'The configuration has no [[api.keys]], so whoever is on this machine may do everything.',
    });
  }
  return found;
}

const kSigns = { bad: '✕', warn: '!', note: 'i' };

function banner({ tone, title, detail }) {
  return h(
    'div',
    { class: 'banner', 'data-tone': tone },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, kSigns[tone]),
    h('p', {}, h('strong', {}, title), ' ', detail ?? ''),
  );
}

/** Keeps the banners above every page as the server is. */
export function showBanners(place) {
  let shown = '';
  const look = () => {
    const found = session.isUsable ? concerns(live.last) : [];
    const key = JSON.stringify(found);
    if (key === shown) return;
    shown = key;
    place.replaceChildren(...found.map(banner));
    const loud = found.filter(({ tone }) => tone !== 'note');
    announce(loud.length > 0 ? loud.map(({ title }) => title).join(' ') : 'Nothing is wrong.');
  };
  for (const name of ['sample', 'state']) live.addEventListener(name, look);
  session.addEventListener('change', look);
}
