/** What is said to people: aloud, seldom, and about what they have just done, at once. */
import { h } from './dom.js';

const kPause = 10_000;
const kStays = 8_000;

let due = 0;
let timer = null;
let waiting = '';

function speak() {
  timer = null;
  due = Date.now() + kPause;
  document.getElementById('announcements').textContent = waiting;
}

/** Has a screen reader say this when it has time; at most one text in ten seconds, the newest. */
export function announce(text) {
  waiting = text;
  timer ??= setTimeout(speak, Math.max(0, due - Date.now()));
}

/** Shows for a while what became of something that was done, and has it read. */
export function showOutcome(text, tone = 'good') {
  const outcomes = document.getElementById('outcomes');
  const outcome = h('p', { class: 'outcome', 'data-tone': tone }, text);
  outcomes.append(outcome);
  while (outcomes.children.length > 3) outcomes.firstChild.remove();
  setTimeout(() => outcome.remove(), kStays);
}
