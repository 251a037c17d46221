import { problemWith } from './api.js';
import { session } from './session.js';

const kFirstPause = 1_000;
const kLongestPause = 10_000;
/** Answers that will be the same next time. */
const kFinal = [403, 404, 422];

/**
 * A stream of events of the API, as long as somebody looks: closed while the page is hidden or nobody is signed in, and
 * opened again when it breaks. `on` has a function for each event, which gets its JSON; `state` is told `open`, `lost`,
 * `paused`, and with the reason `refused`, after which it is not opened again; `opening` is awaited before each attempt.
 */
export class Stream {
  #path;
  #on;
  #state;
  #opening;
  #source = null;
  #timer = null;
  #pause = kFirstPause;
  #ending = new AbortController();
  /** Which attempt this is; what belongs to an earlier one is not listened to. */
  #attempt = 0;

  constructor(path, { on, state = () => {}, opening = async () => {}, signal = null }) {
    this.#path = path;
    this.#on = on;
    this.#state = state;
    this.#opening = opening;
    const listening = { signal: this.#ending.signal };
    document.addEventListener('visibilitychange', () => this.#look(), listening);
    window.addEventListener('pagehide', () => this.#close(), listening);
    window.addEventListener('pageshow', () => this.#look(), listening);
    session.addEventListener('change', () => this.#look(), listening);
    signal?.addEventListener('abort', () => this.end());
    this.#look();
  }

  end() {
    this.#ending.abort();
    this.#close();
  }

  #look() {
    const wanted = document.visibilityState === 'visible' && session.isUsable && !this.#ending.signal.aborted;
    if (!wanted) {
      this.#close();
      this.#state('paused');
    } else if (this.#source === null && this.#timer === null) {
      this.#open();
    }
  }

  async #open() {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const isPresent = () => attempt === this.#attempt && !this.#ending.signal.aborted;
    // Holds the place while it is being prepared, so that nobody opens a second one.
    this.#timer = 0;
    try {
      await this.#opening();
    } catch {
      if (isPresent()) this.#again();
      return;
    }
    if (!isPresent()) return;
    this.#timer = null;
    this.#source = new EventSource(this.#path);
    this.#source.onopen = () => {
      this.#pause = kFirstPause;
      this.#state('open');
    };
    this.#source.onerror = () => {
      if (isPresent()) this.#again(this.#source.readyState === EventSource.CLOSED);
    };
    for (const [name, react] of Object.entries(this.#on)) {
      this.#source.addEventListener(name, ({ data }) => {
        if (isPresent()) react(JSON.parse(data));
      });
    }
  }

  /** The browser's own way of trying again would not tell a session that has ended from a server that is not there. */
  #again(isRefused = false) {
    this.#close();
    this.#state('lost');
    const pause = this.#pause;
    this.#pause = Math.min(kLongestPause, 2 * pause);
    this.#timer = setTimeout(async () => {
      await session.ask().catch(() => {});
      const problem = isRefused && session.isUsable ? await problemWith(this.#path) : null;
      if (kFinal.includes(problem?.status)) {
        this.end();
        this.#state('refused', problem.message);
        return;
      }
      this.#timer = null;
      this.#look();
    }, pause);
  }

  #close() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#source = null;
  }
}
