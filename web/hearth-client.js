// Built from clients/js by script/client. Changes go there.

// src/error.ts
var HearthError = class extends Error {
  constructor(kind, message, details) {
    super(message);
    Object.assign(
      this,
      { name: "HearthError", kind, retryable: /timeout|unavailable|queue/.test(kind) },
      details
    );
  }
  /** A page may hold this package twice, bundled into two of its parts. */
  static [Symbol.hasInstance](value) {
    return value?.name === "HearthError";
  }
};
function answered(data, sent) {
  const code = data?.code;
  const kind = code > 299 || [109, 113, 201, 205].includes(code) ? "unavailable" : code > 199 ? "refused" : [103, 104, 110, 111].includes(code) ? "auth" : [107, 108].includes(code) ? "encryption" : "request";
  return new HearthError(kind, `${data?.message}`, { code, sent, rooms: data?.rooms });
}

// src/emitter.ts
function guarded(call) {
  try {
    return call();
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    else Promise.reject(error);
    return void 0;
  }
}
var Emitter = class {
  #entries = /* @__PURE__ */ new Set();
  /** Returns what takes the handler away again. */
  on(event, handler, { signal, once } = {}) {
    const entry = {
      M: event,
      N: (...values) => {
        if (once) off();
        handler(...values);
      }
    };
    const off = () => {
      this.#entries.delete(entry);
      signal?.removeEventListener("abort", off);
    };
    if (!signal?.aborted) this.#entries.add(entry);
    signal?.addEventListener("abort", off);
    return off;
  }
  /** @internal A handler added meanwhile is not called, nor is one that was taken away. */
  c(event, ...values) {
    const entries = [...this.#entries];
    for (const name of /* @__PURE__ */ new Set([event, "*"])) {
      for (const entry of entries) {
        if (entry.M === name && this.#entries.has(entry)) guarded(() => entry.N(...values));
      }
    }
  }
};

// src/requests.ts
var kRepeatedFor = 24e4;
function settle(requests, error, value) {
  for (const request of requests) request.h(error, value);
}
var Requests = class {
  /** Those that are to be sent, in order. */
  i = /* @__PURE__ */ new Set();
  /** Those on the wire, by their ids. */
  j = /* @__PURE__ */ new Map();
  /** The one sent last: the one to blame when the server finds fault with a message. */
  B;
  #timers;
  #timeout;
  #open = /* @__PURE__ */ new Set();
  constructor(timers, timeout = 1e4) {
    this.#timers = timers;
    this.#timeout = timeout;
  }
  /** A promise of what will be settled; the request is among `others` until then. */
  k(terms, others) {
    return new Promise((resolve, reject) => {
      const { signal, timeout = this.#timeout } = terms;
      signal?.throwIfAborted();
      const abort = () => request.h(signal.reason);
      const request = {
        ...terms,
        h: (error, value) => {
          this.#open.delete(request);
          this.i.delete(request);
          others.delete(request);
          this.j.delete(terms.v);
          this.#timers.u(request);
          signal?.removeEventListener("abort", abort);
          if (error === void 0) resolve(value);
          else reject(error);
        }
      };
      this.#open.add(request);
      others.add(request);
      signal?.addEventListener("abort", abort);
      this.#timers.d(request, timeout, () => this.#fail(request, "timeout", `no answer within ${timeout} ms`));
    });
  }
  /** Sends what waits. */
  O(write) {
    const now = this.#timers.e();
    for (const request of this.i) {
      this.i.delete(request);
      request.w ??= now;
      if (now - request.w > kRepeatedFor) {
        this.#lose(request);
      } else {
        this.B = request;
        write(request);
      }
    }
  }
  /** The connection is gone. What may be sent twice waits for the next one. */
  p(close) {
    const again = [...this.j.values()].filter((request) => {
      if (!request.C) return this.#lose(request, close);
      if (request.timeout === void 0) {
        const left = request.w + kRepeatedFor - this.#timers.e();
        this.#timers.d(request, left, () => this.#lose(request, close), false);
      }
      return true;
    });
    this.j.clear();
    this.i = /* @__PURE__ */ new Set([...again, ...this.i]);
  }
  /** None of them will come about. */
  D(error) {
    for (const request of this.#open) this.#fail(request, error.kind, error.message, error);
  }
  #lose(request, close) {
    this.#fail(request, "lost", "the connection ended", { close, retryable: !!request.C });
  }
  #fail(request, kind, text, details) {
    request.h(new HearthError(kind, `${request.l}: ${text}`, { sent: request.w !== void 0, ...details }));
  }
};

// src/timers.ts
var kOverslept = 5e3;
var kLongest = 2 ** 31;
var Timers = class {
  q;
  m = /* @__PURE__ */ new Map();
  #overslept;
  /** `overslept` is told by how much a timer was late. */
  constructor(clock, overslept) {
    this.q = clock;
    this.#overslept = overslept;
  }
  e() {
    return this.q.Date.now();
  }
  /**
   * Runs `run` after `ms`, in place of what ran under that key. A timer that `judges` whether something took too long
   * begins anew, once, if it is far too late: then it was this side that slept, and what it waits for may be in the queue.
   */
  d(key, ms, run, judges = true) {
    this.u(key);
    if (ms >= kLongest) return;
    const due = this.e() + ms;
    this.m.set(key, this.q.setTimeout(() => {
      this.m.delete(key);
      const late = this.e() - due;
      if (late < kOverslept) return run();
      if (judges) this.d(key, ms, run, false);
      this.#overslept(late);
      if (!judges) run();
    }, ms));
  }
  u(key) {
    this.q.clearTimeout(this.m.get(key));
    this.m.delete(key);
  }
  /** Stops those of the connection, whose keys are names. */
  P() {
    for (const key of this.m.keys()) if (typeof key === "string") this.u(key);
  }
};

// src/wake.ts
function listenForWake(signal, woke, offline, shelved) {
  const handlers = {
    online: woke,
    resume: woke,
    offline,
    visibilitychange: () => document.hidden || woke(),
    pageshow: ({ persisted }) => persisted && woke(),
    pagehide: ({ persisted }) => persisted && shelved()
  };
  for (const [type, heard] of Object.entries(handlers)) {
    globalThis.addEventListener?.(type, heard, { capture: true, signal });
  }
}

// src/link.ts
var kMinute = 6e4;
var kLinger = 4e3;
var kFollows = {
  1e3: "closed",
  1002: "protocol",
  1003: "protocol",
  1007: "protocol",
  1009: "protocol",
  4002: "at once",
  4003: "refused",
  4004: "encryption",
  4005: "at once",
  4006: "expired",
  4007: "closed",
  4008: "a minute",
  4009: "closed",
  4010: "closed"
};
var Link = class extends Emitter {
  state = "idle";
  /** The server's name for this connection; null while not ready. */
  id = null;
  userId = null;
  /** Which server it is; null until that is known. */
  server;
  /** What becomes of the connection; never mixed with the application's events. */
  connection = new Emitter();
  /** @internal */
  b;
  /** @internal */
  a;
  /** @internal */
  f;
  /** @internal What ended the last connection, or attempt. */
  x = null;
  #url;
  #socket = null;
  /** Of the connection, where it is encrypted. */
  #agreement;
  /** Done when everything that was sent is sealed, where it is to be. */
  #sealing;
  #attempt = new AbortController();
  #attempts = 0;
  /** How often the state has changed. */
  #changes = 0;
  #reason = "connect";
  #faults = 0;
  #ids = 0;
  /** What `connected` brought. */
  #welcome;
  #refusal;
  /** When to leave a server that has asked for it; nothing more is sent to it. */
  #leaveAt = 0;
  #sentAt = 0;
  #receivedAt = 0;
  #wokeAt = 0;
  /** From `connect` to `close`. */
  #life;
  /** Nothing is opened yet, and no timer runs. */
  constructor(url, options = {}) {
    super();
    this.#url = url;
    this.b = options;
    this.server = options.server ?? null;
    this.a = new Timers(options.clock ?? globalThis, (late) => {
      this.connection.c("late", late);
      this.#probe();
    });
    this.f = new Requests(this.a, options.timeout);
    options.signal?.addEventListener("abort", () => this.close());
  }
  /** @internal Whether what is sent now leaves now. */
  get n() {
    return this.state === "ready" && !this.#leaveAt;
  }
  /** @internal */
  y() {
    return `${this.#ids += 1}`;
  }
  /** @internal */
  z(text) {
    const socket = this.#socket;
    const agreement = this.#agreement;
    this.#sentAt = this.a.e();
    const send = (sealed) => {
      if (socket !== this.#socket) return;
      guarded(() => this.b.trace?.("out", text, sealed));
      socket.send(sealed ?? text);
    };
    if (this.#sealing) this.#sealing = this.#sealing.then(() => agreement.seal(text)).then(send);
    else send();
  }
  /** @internal Sends it; the answer settles it. Ignis gives none to some. */
  E(request) {
    this.z(request.F);
    if (this.server === "ignis" && /^(join|leave|publish)$/.test(request.l)) request.h();
    else this.f.j.set(request.v, request);
  }
  /** @internal Asks the server at once; `settle` gets the answer. */
  G(event, data, settle_) {
    const id = this.y();
    this.E({ l: event, v: id, F: JSON.stringify({ event, data, id }), h: settle_ });
  }
  /** Now, whatever the back-off says. */
  reconnect() {
    if (this.state === "ready") this.#break(1e3, "reconnect", 0);
    else if (this.state === "waiting") this.#open();
    else this.d();
  }
  /** For good, or until `connect`. Rooms that are wanted stay wanted. */
  close(code = 1e3, reason = "") {
    if (code !== 1e3 && !(code > 2999 && code < 5e3)) throw new RangeError(`close code ${code}: neither 1000 nor 3000 to 4999`);
    this.#end(new HearthError("closed", "the client is closed", { close: { code, reason } }));
  }
  [Symbol.dispose]() {
    this.close();
  }
  /** @internal */
  d() {
    if (this.state !== "idle" && this.state !== "closed") return;
    this.#attempts = this.#faults = this.#wokeAt = 0;
    this.#reason = "connect";
    this.#life = new AbortController();
    listenForWake(this.#life.signal, () => this.#woke(), () => this.#probe(), () => {
      this.#wokeAt = 0;
      this.#break(1e3, "page hidden", Infinity);
    });
    this.#open();
  }
  /** @internal Runs it after a pause of the back-off, if the connection is still there. */
  H(timer, attempt, run, least = 0) {
    this.a.d(timer, least + this.#backoff(attempt), run, false);
  }
  /** With `close`, the connection goes meanwhile. False: somebody has gone on from there. */
  #enter(state, close) {
    const previous = this.state;
    const change = this.#changes += 1;
    const still = () => change === this.#changes;
    this.state = state;
    if (close) this.#drop(close);
    if (still()) this.connection.c("state", state, previous);
    return still();
  }
  async #open() {
    const { encryption: encryption2, WebSocket = globalThis.WebSocket } = this.b;
    const { signal } = this.#attempt = new AbortController();
    this.#sealing = this.#welcome = this.#refusal = void 0;
    this.#limit("state", 15e3);
    this.#enter("connecting");
    let final;
    try {
      const data = await this.#ask(this.#reason, signal);
      final = "encryption";
      const agreement = await encryption2?.begin();
      final = void 0;
      const url = typeof this.#url === "function" ? await this.#url() : this.#url;
      if (signal.aborted) return;
      final = "protocol";
      if (!WebSocket) throw new Error("no WebSocket: pass one as an option");
      this.#agreement = agreement;
      this.#use(new WebSocket(url), data);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause?.kind === "auth") final = "auth";
      this.#fail(cause, final);
    }
  }
  async #ask(reason, signal) {
    const { auth = {} } = this.b;
    const data = typeof auth === "function" ? await auth({ reason, signal }) : auth;
    if (!data) throw new HearthError("auth", "auth() lets nobody in");
    return data;
  }
  /** How long something may take, or that is the end of the connection. */
  #limit(timer, ms) {
    this.a.d(timer, ms, () => this.#break(1006, `no answer within ${ms} ms`));
  }
  #use(socket, data) {
    this.#socket = socket;
    let handled = Promise.resolve();
    const inOrder = (handler) => (event) => {
      handled = handled.then(() => socket === this.#socket && handler(event));
    };
    socket.onopen = inOrder(() => {
      this.#limit("state", 16e3);
      this.G("authenticate", { ...data, publicKey: this.#agreement?.publicKey }, (error) => {
        if (!error) {
          this.server = "hearth";
          this.#ready();
        } else if (this.state === "authenticating") {
          this.#refusal = error;
        }
      });
      this.#enter("authenticating");
    });
    socket.onmessage = inOrder(({ data: text }) => this.#receive(text, socket));
    socket.onerror = inOrder(() => this.state === "connecting" && this.#break(1006, "cannot connect"));
    socket.onclose = inOrder(({ code, reason }) => this.#break(code, `${reason}`));
  }
  async #receive(wire, socket) {
    this.#receivedAt = this.a.e();
    this.a.u("probe");
    let opened;
    try {
      opened = await this.#agreement?.open(wire);
    } catch (cause) {
      if (socket !== this.#socket) return;
      this.#faults += 1;
      return this.#fail(new HearthError("encryption", "cannot open a message", { cause }), this.#faults > 2 ? "encryption" : void 0);
    }
    const text = opened ?? wire;
    if (socket === this.#socket) guarded(() => this.b.trace?.("in", text, opened && wire));
    if (socket !== this.#socket) return;
    try {
      this.#handle(JSON.parse(text));
    } catch (cause) {
      this.connection.c("error", new HearthError("protocol", `not understood: ${text.slice(0, 80)}`, { cause }));
    }
  }
  /** It is this side that cannot go on; `final` if it never will. */
  #fail(cause, final) {
    const reason = `${cause?.message ?? cause}`;
    if (final) this.#end(new HearthError(final, reason, { cause }));
    else this.#break(1006, reason, void 0, cause);
  }
  #handle(envelope) {
    const { event, data, id } = envelope;
    if (typeof event !== "string") throw new TypeError();
    const { j: sent_ } = this.f;
    const request = sent_.get(id);
    const error = event === "error" ? answered(data, !!request) : void 0;
    if (request) {
      sent_.delete(id);
      request.h(error, data);
    } else if (error) {
      this.connection.c("error", error);
    } else if (event === "connected") {
      if (this.state === "authenticating" && !this.#welcome) this.#welcomed(data ?? {});
    } else if (this.server === "hearth" && event === "reconnect") {
      if (this.n) this.#leaveIn(data?.afterMs);
    } else if (this.server === "hearth" && event === "token_expiring") {
      this.#renew(0);
    } else if (event !== "ack") {
      this.Q(envelope);
    }
  }
  #welcomed(welcome) {
    this.#welcome = welcome;
    if (this.b.encryption?.optional === false && !welcome.serverPublicKey) {
      return this.#end(new HearthError("encryption", "the server does not encrypt"));
    }
    if (this.server) return this.#ready();
    this.a.d("state", 1e3, () => {
      this.server = "ignis";
      this.#ready();
    });
  }
  #ready() {
    const { heartbeat = 25e3 } = this.b;
    const { id, userId = null, serverPublicKey } = this.#welcome ?? {};
    if (this.state !== "authenticating" || !id) return;
    this.a.d("state", 1e4, () => {
      this.#attempts = this.#faults = 0;
    });
    Object.assign(this, { id, userId });
    this.#reason = "connect";
    if (serverPublicKey && this.#agreement && this.server === "hearth") this.#sealing = Promise.resolve();
    this.#whenQuiet("beat", heartbeat, () => this.#sentAt, () => this.#beat());
    this.#whenQuiet("silence", 45e3, () => this.#receivedAt, () => this.#probe());
    if (this.#enter("ready")) this.R();
  }
  /** Runs it whenever nothing has happened for so long; `last` says when something did. */
  #whenQuiet(timer, ms, last, run) {
    const left = last() + ms - this.a.e();
    this.a.d(timer, left > 0 ? left : ms, () => this.#whenQuiet(timer, ms, last, run));
    if (left <= 0) run();
  }
  #beat() {
    if (this.n) this.z(JSON.stringify({ event: "heartbeat", id: this.y() }));
  }
  /** A heartbeat that has to be answered, where heartbeats are. */
  #probe() {
    this.#beat();
    if (!this.n || this.server === "ignis" || this.a.m.has("probe")) return;
    this.#limit("probe", 1e4);
  }
  #woke() {
    const now = this.a.e();
    if (this.state === "ready" && this.server === "ignis" && now - this.#receivedAt > kMinute) {
      this.reconnect();
    } else if (this.state === "waiting" && now - this.#wokeAt >= 1e3) {
      this.#wokeAt = now;
      this.#open();
    }
    this.#probe();
  }
  /** The server wants this connection to end, and a new one elsewhere; it has spread its clients over time. */
  #leaveIn(ms) {
    this.#leaveAt = this.a.e() + (ms > 0 ? Math.min(ms, kMinute) : 0);
    this.#leave();
  }
  #leave() {
    const left = this.#leaveAt - this.a.e();
    if (left > 0 || this.f.j.size && left > -kLinger) {
      this.a.d("leave", left > 0 ? left : 50, () => this.#leave(), false);
    } else {
      this.#break(1e3, "as asked", 0);
    }
  }
  async #renew(failures) {
    if (typeof this.b.auth !== "function") return;
    const { signal } = this.#attempt;
    try {
      const { rooms } = await this.r("authenticate", await this.#ask("expiring", signal)) ?? {};
      this.S(rooms);
    } catch (cause) {
      if (signal.aborted) return;
      this.connection.c("error", new HearthError("auth", `renewal: ${cause?.message}`, { cause, retryable: true }));
      this.H("renew", failures, () => this.#renew(failures + 1), 1e3);
    }
  }
  #backoff(attempt) {
    const { min = 1e3, max = 3e4 } = this.b.backoff ?? {};
    return this.a.q.Math.random() * Math.min(max, min * 2 ** attempt);
  }
  /** Lets go of the socket without waiting for its end, which browsers may put off for a minute. */
  #drop({ code = 1e3, reason = "" }) {
    const socket = this.#socket;
    this.#socket = null;
    this.#attempt.abort();
    this.a.P();
    Object.assign(this, { id: null, userId: null });
    this.#leaveAt = 0;
    try {
      socket?.close(code, reason);
    } catch {
      socket.terminate?.();
      socket.close();
    }
    this.p();
    this.f.p({ code, reason });
  }
  #end(error) {
    if (this.state === "closed") return;
    this.#life?.abort();
    this.f.D(error);
    this.x = { cause: error };
    if (this.#enter("closed", error.close ?? {})) this.connection.c("closed", error);
  }
  /** What follows when a connection or an attempt has ended; `delay` if that is already known. */
  #break(code, reason, delay, cause) {
    const close = { code, reason };
    const { auth, shouldReconnect } = this.b;
    const refusal = this.#refusal;
    let follows = "lost";
    if (delay === void 0) {
      follows = kFollows[code] ?? (guarded(() => shouldReconnect?.(close)) === false ? "closed" : follows);
      if (follows === "refused" && (this.#reason === follows || typeof auth !== "function")) follows = "auth";
    }
    const kind = ["auth", "closed", "encryption", "protocol"].includes(follows) ? follows : "lost";
    const error = new HearthError(kind, refusal?.message ?? `the connection ended: ${code} ${reason}`, { code: refusal?.code, close, cause });
    if (kind === "protocol") this.f.B?.h(Object.assign(error, { sent: true }));
    else if (kind !== "lost") return this.#end(error);
    if (follows === "refused" || follows === "expired") this.#reason = follows;
    if (this.#leaveAt) delay ??= Math.max(this.#leaveAt - this.a.e(), 0);
    if (delay === void 0) {
      delay = /at once|expired/.test(follows) && !this.#attempts ? 0 : this.#backoff(this.#attempts);
      if (follows === "a minute") delay = Math.max(delay, kMinute);
      this.#attempts += 1;
    }
    const ended = this.x = { delay, cause: error, attempt: this.#attempts };
    if (this.#enter("waiting", close)) {
      this.a.d("state", delay, () => this.#open(), false);
      this.connection.c("waiting", ended);
    }
  }
};

// src/room.ts
var Room = class extends Emitter {
  name;
  state = "out";
  /** How far this client has got, for a later `since`; null where no history is kept. */
  position = null;
  membership = new Emitter();
  presence = new Emitter();
  /** @internal */
  b = {};
  /** @internal Whether the server was told that this client wants to be in. */
  g = false;
  /** @internal All that the server was told of together, last, until that is answered; another answer says nothing any more. */
  s;
  /** @internal Whether the server tells what is missing: it has answered where this client stands, be it nowhere. */
  I = false;
  /** @internal */
  t = { recovered: null, confirmed: false };
  #client;
  /** What wants to be in: this itself, by `join`, and what `hold` has returned. */
  #wants = /* @__PURE__ */ new Set();
  #joining = /* @__PURE__ */ new Set();
  #leaving = /* @__PURE__ */ new Set();
  /** What is at or below it was said before this client came. */
  #top = 0;
  /** Whether none of this client's own messages were to come back. */
  #silent = true;
  #members = null;
  #version = 0;
  /** @internal */
  constructor(name, client) {
    super();
    this.name = name;
    this.#client = client;
  }
  /** Becomes a member, and stays one over reconnects until `leave`. Timed out, it goes on trying. */
  join(options = {}) {
    const promise = this.#client.k({ ...options, l: `join ${this.name}` }, this.#joining);
    promise.catch(() => {
      if (options.signal?.aborted && !this.#joining.size && this.state !== "in") this.#want(this, false);
    });
    if (!options.signal?.aborted) this.#want(this, true);
    if (this.g && this.state === "in") settle(this.#joining, void 0, this.t);
    return promise;
  }
  leave(options = {}) {
    const promise = this.#client.k({ ...options, l: `leave ${this.name}` }, this.#leaving);
    this.#want(this, false);
    if (this.state === "out") settle(this.#leaving);
    return promise;
  }
  /** Keeps this client in the room until what it returns is called, also beside others that do so. */
  hold() {
    const release = () => void setTimeout(() => this.#want(release, false));
    this.#want(release, true);
    return release;
  }
  /** Resolves once the server has it, and every history that keeps it. */
  async publish(event, data, options = {}) {
    const repeats_ = !!this.position;
    const { echo, key, idempotencyKey = repeats_ ? crypto.getRandomValues(new Uint32Array(4)).join("-") : void 0 } = options;
    this.#silent &&= echo === false;
    await this.#client.r("publish", { room: this.name, event, data, echo, key, idempotencyKey }, { ...options, C: repeats_ });
  }
  /** What was said, as far as it is kept; of members' business. */
  history(options = {}) {
    const { signal, timeout, ...range } = options;
    return this.#client.r("history", { room: this.name, ...range }, options);
  }
  /** @internal */
  get o() {
    return this.#wants.size > 0;
  }
  #want(who, wants) {
    this.#wants[wants ? "add" : "delete"](who);
    if (this.o) {
      settle(this.#leaving);
      if (wants && this.state === "refused") this.g = false;
      if (!this.g && this.state !== "rejoining") this.#move("joining");
    } else if (!this.g) {
      this.A();
    }
    this.#client.T(this);
  }
  #move(state) {
    const was = this.state;
    this.state = state;
    if (was === "in" && state !== was) this.membership.c("out");
  }
  #moveTo(place) {
    const { epoch, offset, top = 0 } = place ?? {};
    if (!Number.isSafeInteger(offset) || typeof epoch !== "string") return false;
    this.position = { epoch, offset };
    this.#top = top;
    return true;
  }
  /** @internal It is left, for the server or for want of one. */
  A() {
    this.#move("out");
    settle(this.#leaving);
    settle(this.#joining, new HearthError("closed", `join ${this.name}: left`));
  }
  /** @internal What `since` says of this room; undefined if it should not be named there. */
  get J() {
    const { since = null, recover } = this.b;
    return recover === false ? void 0 : this.position ?? since;
  }
  /** @internal It is joined, and this is where it stands. */
  U(place, confirmed) {
    this.#moveTo(place);
    this.I = place !== void 0;
    const { recovered = null, reason } = place ?? {};
    this.t = { recovered, reason, confirmed };
    this.state = "in";
    settle(this.#joining, void 0, this.t);
    this.membership.c("in", this.t);
  }
  /** @internal */
  K(error) {
    if (!error.retryable) this.#move("refused");
    settle(this.#joining, error);
    this.membership.c("refused", error);
  }
  /** @internal The connection is gone. */
  p() {
    this.g = false;
    this.s = void 0;
    if (!this.o) this.A();
    else if (this.state === "in") this.#move("rejoining");
  }
  /** @internal The server says that something is missing. */
  V(data) {
    const { room, ...gap } = data;
    if (this.#moveTo(data) || !this.position) this.membership.c("gap", gap);
  }
  /** @internal Has it delivered, but what was already, and moves the position after that. */
  W(message, epoch, former, deliver) {
    const { offset, from } = message;
    const here = this.position;
    if (!here || !Number.isSafeInteger(offset)) return deliver(message);
    const place = { epoch: epoch ?? here.epoch, offset };
    const same = place.epoch === here.epoch;
    if (same && offset <= here.offset) return;
    const replayed = same && offset <= this.#top;
    if (!replayed || !this.#silent || !former.includes(from?.id)) deliver(replayed ? { ...message, replayed } : message);
    if (this.position === here) this.position = place;
  }
  /** @internal A snapshot of who is here, or what has changed in it. */
  L({ version, clients, users, members, joined = [], left = [], stale = false }) {
    const changed = [...left, ...joined.map(({ id }) => id)];
    if (members || !changed.length) {
      this.#members = members ?? null;
    } else if (version !== this.#version + 1) {
      this.#client.r("presence", { room: this.name }).then((data) => this.L(data), () => {
      });
      return;
    } else if (this.#members) {
      this.#members = this.#members.filter(({ id }) => !changed.includes(id)).concat(joined);
    }
    this.#version = version;
    this.presence.c("change", { clients, users, members: this.#members, joined, left, stale });
  }
};

// src/client.ts
var kMostNames = 16384;
var kFormerIds = 32;
var HearthClient = class extends Link {
  #rooms = /* @__PURE__ */ new Map();
  /** Rooms of which the server may have to be told. */
  #changed = /* @__PURE__ */ new Set();
  #retries = 0;
  #announced = true;
  #connecting = /* @__PURE__ */ new Set();
  /** Names that this client had, the newest first. */
  #former = [];
  /** Resolves at `ready`, rejects at `closed`. `signal` ends the waiting, not the client. */
  connect({ signal } = {}) {
    if (this.b.signal?.aborted) this.close();
    else this.d();
    const promise = this.k({ signal, timeout: Infinity, l: "connect" }, this.#connecting);
    if (this.state === "ready") settle(this.#connecting, void 0, this);
    return promise;
  }
  /** The same object for the same name; `options` are taken over. */
  room(name, options) {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, room = new Room(name, this));
    Object.assign(room.b, options);
    return room;
  }
  /** Sends a message to the application that wants no answer. False, and not sent, if not ready. */
  send(event, data) {
    if (!this.n) return false;
    this.#flush();
    this.z(this.#text({ event, data }));
    return true;
  }
  /** Sends a message to the application that it answers under its id, now or once there is a connection. */
  request(event, data, options) {
    return this.r(event, data, options);
  }
  /** @internal A promise of what somebody will settle; the request is among `others` until then. */
  k(terms, others) {
    const promise = this.f.k(terms, others);
    promise.catch(() => {
    });
    if (this.state === "closed") this.f.D(this.x.cause);
    return promise;
  }
  /** @internal */
  async r(event, data, options) {
    const { queue = 100 } = this.b;
    const { i: waiting_ } = this.f;
    const id_ = this.y();
    const text_ = this.#text({ event, data, id: id_ });
    if (!this.n && waiting_.size >= queue) throw new HearthError("queue", `${event}: ${queue} requests wait`, { sent: false });
    const promise = this.k({ ...options, l: event, v: id_, F: text_ }, waiting_);
    this.#flush();
    return promise;
  }
  #text(envelope) {
    const text = JSON.stringify(envelope);
    const { maxMessage = 131072, encryption: encryption2 } = this.b;
    const most = encryption2 ? maxMessage * 0.75 - 128 : maxMessage;
    const { length } = new TextEncoder().encode(text);
    if (length > most) throw new HearthError("protocol", `${length} bytes; the most is ${most}`, { sent: false });
    return text;
  }
  /** @internal The server is told at the end of the turn, of all rooms in one message. */
  T(room) {
    if (!this.#changed.size) queueMicrotask(() => this.#flush());
    this.#changed.add(room);
  }
  /** Tells the server what has changed, and then sends what waits, so that it happens in that order. */
  #flush() {
    if (!this.n) return;
    const changed = [...this.#changed].filter((room) => room.o !== room.g);
    this.#changed.clear();
    const batches = [];
    let size = 0;
    for (const room of changed.filter((room2) => room2.o)) {
      (batches[Math.floor(size / kMostNames)] ??= []).push(room);
      size += room.name.length;
    }
    for (const batch of batches) this.#say("join", batch);
    this.#say("leave", changed.filter((room) => !room.o));
    this.f.O((request) => this.E(request));
  }
  /** Sends a `join` or `leave`. Its answer counts for each room of which it was the last word. */
  #say(event, rooms = []) {
    if (!rooms.length) return;
    const joins = event === "join";
    const since = rooms.filter((room) => joins && room.J !== void 0).map((room) => [room.name, room.J]);
    const presence = rooms.filter((room) => joins && room.b.presence).map((room) => room.name);
    const data = {
      rooms: rooms.map((room) => room.name),
      // Names such as `__proto__` are no ordinary keys.
      since: since.length ? Object.fromEntries(since) : void 0,
      presence: presence.length ? presence : void 0
    };
    for (const room of rooms) {
      room.g = joins;
      room.s = rooms;
    }
    this.G(event, data, (error, answer) => {
      for (const room of rooms) {
        if (room.s !== rooms) continue;
        room.s = void 0;
        if (joins) this.#joined(room, error, answer ?? {});
        else room.A();
      }
      this.#announce();
    });
  }
  #joined(room, error, { rooms, codes, code, message, positions }) {
    const at = error ? rooms?.indexOf?.(room.name) ?? 0 : -1;
    const refusal = answered({ code: codes?.[at] ?? code, message, rooms: [room.name] }, true);
    if (at < 0 || refusal.code === 207) {
      this.#retries = 0;
      return room.U(positions?.[room.name], this.server === "hearth");
    }
    room.K(refusal);
    if (!refusal.retryable) return;
    room.g = false;
    this.#changed.add(room);
    this.H("rooms", this.#retries, () => this.#flush());
    this.#retries += 1;
  }
  /** @internal */
  S(names) {
    for (const room of this.#rooms.values()) {
      if (!names || names.includes(room.name) || room.state !== "in") continue;
      room.K(new HearthError("refused", `${room.name}: no longer allowed`, { rooms: [room.name] }));
    }
  }
  /** @internal */
  R() {
    this.#former = [this.id, ...this.#former].slice(0, kFormerIds);
    this.#announced = false;
    this.#flush();
    settle(this.#connecting, void 0, this);
    this.#announce();
  }
  #announce() {
    const wanted = [...this.#rooms.values()].filter((room) => room.o);
    if (this.#announced || this.state !== "ready" || wanted.some((room) => room.s)) return;
    this.#announced = true;
    const resumed = !!wanted.length && wanted.every((room) => room.state === "in" && room.t.recovered);
    this.connection.c("ready", { id: this.id, userId: this.userId, resumed });
  }
  /** @internal */
  p() {
    this.#retries = 0;
    for (const room of this.#rooms.values()) {
      this.#changed.add(room);
      room.p();
    }
  }
  /** @internal */
  Q({ event, data, from, room: name, offset, epoch, skipped }) {
    const about = this.#rooms.get(data?.room);
    if (event === "gap" && about?.I) return about.V(data);
    if (event === "presence" && about?.b.presence) return about.L(data);
    const room = this.#rooms.get(name);
    const deliver = (message2) => {
      this.c(event, data, message2);
      room?.c(event, data, message2);
    };
    const message = { event, data, from, room: name, offset, skipped };
    if (room) room.W(message, epoch, this.#former, deliver);
    else deliver(message);
  }
};

// src/encryption.ts
var kCurve = { name: "ECDH", namedCurve: "P-256" };
var kCipher = "AES-GCM";
var kIvBytes = 12;
var encode = (text) => new TextEncoder().encode(text);
var toBase64 = (buffer) => btoa(new Uint8Array(buffer).reduce((text, byte) => text + String.fromCharCode(byte), ""));
var fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
function encryption({ info = "ignis-ecdh-p256-aes-256-gcm-v1", optional = false } = {}) {
  return { optional, begin: () => begin(info) };
}
async function begin(info) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Error("no WebCrypto: it is on https:// and localhost alone");
  const { publicKey, privateKey } = await subtle.generateKey(kCurve, false, ["deriveKey"]);
  let key;
  return {
    publicKey: toBase64(await subtle.exportKey("raw", publicKey)),
    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(kIvBytes));
      const ct = await subtle.encrypt({ name: kCipher, iv }, key, encode(text));
      return JSON.stringify({ event: "encrypted", data: { iv: toBase64(iv), ct: toBase64(ct) } });
    },
    async open(text) {
      const { event, data } = JSON.parse(text);
      if (event === "connected" && data?.serverPublicKey) {
        const server = await subtle.importKey("raw", fromBase64(data.serverPublicKey), kCurve, false, []);
        const secret = await subtle.deriveKey({ name: "ECDH", public: server }, privateKey, "HKDF", false, ["deriveKey"]);
        const derivation = { name: "HKDF", hash: "SHA-256", salt: fromBase64(data.salt), info: encode(info) };
        key = await subtle.deriveKey(derivation, secret, { name: kCipher, length: 256 }, false, ["encrypt", "decrypt"]);
      }
      if (event !== "encrypted" || !key) return void 0;
      const cipher = { name: kCipher, iv: fromBase64(data.iv) };
      return new TextDecoder().decode(await subtle.decrypt(cipher, key, fromBase64(data.ct)));
    }
  };
}
export {
  HearthClient,
  HearthError,
  Room,
  encryption
};
