import { showBanners } from './banners.js';
import { h, setText, visible } from './dom.js';
import { clock } from './format.js';
import { here } from './here.js';
import { live } from './live.js';
import { Login } from './login.js';
import { readPlace } from './place.js';
import { pageAt, kMenu } from './pages.js';
import { session } from './session.js';
import { switchTheme } from './theme-switch.js';
import { Visit } from './visit.js';

const byId = (id) => document.getElementById(id);

let visit = null;

function markMenu(segments) {
  for (const link of byId('pages').querySelectorAll('a')) {
    const isHere = link.dataset.page === (segments[0] === 'users' ? 'clients' : (segments[0] ?? ''));
    if (isHere) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function show(takesFocus) {
  const place = readPlace(location.hash);
  const page = pageAt(place);
  visit?.end();
  visit = new Visit();
  const heading = h('h1', { tabindex: '-1' }, page.heading ?? page.title);
  const head = h('div', { class: 'page-head' }, heading);
  byId('content').replaceChildren(head, visit.notice, ...page.show(visit, head));
  document.title = `${page.title} · Hearth`;
  markMenu(place.segments);
  if (takesFocus) {
    window.scrollTo(0, 0);
    heading.focus();
  }
}

function showPill() {
  const pill = byId('pill');
  const last = live.last ? ` since ${clock(live.last.time)}` : '';
  const [tone, text] = {
    open: ['good', 'Live'],
    lost: ['bad', `No contact${last}`],
    paused: ['half', 'Paused'],
  }[session.isUsable ? live.state : 'paused'];
  pill.dataset.tone = tone;
  setText(byId('pill-text'), session.isUsable ? text : 'Not signed in');
}

function showAccount() {
  byId('account').hidden = session.isOpen || !session.isUsable;
  setText(byId('account-name'), visible(session.name));
  showPill();
}

/** Pages are shown only once the server knows who asks, and anew for whoever may do other things. */
function follow() {
  let shownFor = null;
  session.addEventListener('change', () => {
    showAccount();
    if (!session.isUsable) return;
    const who = `${session.name} ${session.may('control')} ${session.may('publish')}`;
    if (who !== shownFor) show(false);
    shownFor = who;
    live.start();
    here.learn().catch(() => {});
  });
}

async function begin() {
  byId('pages').append(
    h(
      'ul',
      {},
      ...kMenu.map(({ page, title }) => h('li', {}, h('a', { href: `#/${page}`, 'data-page': page }, title))),
    ),
  );
  switchTheme(byId('theme'));
  showBanners(byId('banners'));
  new Login();
  follow();
  live.addEventListener('state', showPill);
  here.addEventListener('change', () => setText(byId('instance'), `${here.name} · ${here.version}`));
  window.addEventListener('hashchange', () => {
    if (session.isUsable) show(true);
  });
  byId('sign-out').addEventListener('click', () => session.leave().catch(() => session.ask()));
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('page').focus();
  });
  for (let pause = 1000; ; pause = Math.min(10_000, pause * 2)) {
    try {
      await session.ask();
      return;
    } catch (error) {
      setText(byId('pill-text'), 'No contact');
      byId('content').replaceChildren(h('p', { class: 'notice' }, `${error.message}.`));
      byId('pill').dataset.tone = 'bad';
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
    });
  }
}

begin();
