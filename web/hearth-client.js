// Built from clients/js by script/client. Changes go there.

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
      K: event,
      L: (...values) => {
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
  b(event, ...values) {
    const entries = [...this.#entries];
    for (const name of event === "*" ? ["*"] : [event, "*"]) {
      for (const entry of entries) {
        if (entry.K === name && this.#entries.has(entry)) guarded(() => entry.L(...values));
      }
    }
  }
};

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

// src/requests.ts
var kRepeatedFor = 24e4;
function settle(requests, error, value) {
  for (const request of requests) request.f(error, value);
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
  n(terms, others) {
    return new Promise((resolve, reject) => {
      const { signal, timeout = this.#timeout } = terms;
      signal?.throwIfAborted();
      const abort = () => request.f(signal.reason);
      const request = {
        ...terms,
        f: (error, value) => {
          for (const set of [this.#open, this.i, others]) set.delete(request);
          this.j.delete(terms.o);
          this.#timers.p(request);
          signal?.removeEventListener("abort", abort);
          if (error === void 0) resolve(value);
          else reject(error);
        }
      };
      for (const set of [this.#open, others]) set.add(request);
      signal?.addEventListener("abort", abort);
      this.#timers.c(request, timeout, () => this.#fail(request, "timeout", `no answer within ${timeout} ms`));
    });
  }
  /** Sends what waits. */
  M(write) {
    const now = this.#timers.q.now();
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
  r(close) {
    const again = [...this.j.values()].filter((request) => {
      if (!request.C?.()) return this.#lose(request, close);
      if (request.timeout === void 0) {
        const left = request.w + kRepeatedFor - this.#timers.q.now();
        this.#timers.c(request, left, () => this.#lose(request, close), false);
      }
      return true;
    });
    this.j.clear();
    this.i = /* @__PURE__ */ new Set([...again, ...this.i]);
  }
  /** None of them will come about. */
  N(error) {
    for (const request of this.#open) this.#fail(request, error.kind, error.message, error);
  }
  #lose(request, close) {
    this.#fail(request, "lost", "the connection broke", { close, retryable: !!request.C });
  }
  #fail(request, kind, text, details) {
    request.f(new HearthError(kind, `${request.k}: ${text}`, { sent: request.w !== void 0, ...details }));
  }
};

// src/timers.ts
var systemClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  set: (ms, run) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer)
};
var kOverslept = 5e3;
var kLongest = 2 ** 31 - 1;
var Timers = class {
  q;
  l = /* @__PURE__ */ new Map();
  #overslept;
  /** `overslept` is told by how much a timer was late. */
  constructor(clock, overslept) {
    this.q = clock;
    this.#overslept = overslept;
  }
  /**
   * Runs `run` after `ms`, in place of what ran under that key. A timer that `judges` whether something took too long
   * begins anew, once, if it is far too late: then it was this side that slept, and what it waits for may be in the queue.
   */
  c(key, ms, run, judges = true) {
    this.p(key);
    if (ms === Infinity) return;
    const clock = this.q;
    const due = clock.now() + ms;
    this.l.set(key, clock.set(Math.min(ms, kLongest), () => {
      this.l.delete(key);
      const late = clock.now() - due;
      if (late < kOverslept) return run();
      if (judges) this.c(key, ms, run, false);
      this.#overslept(late);
      if (!judges) run();
    }));
  }
  p(key) {
    this.q.clear(this.l.get(key));
    this.l.delete(key);
  }
  /** Stops those of the connection, whose keys are names. */
  O() {
    for (const key of this.l.keys()) if (typeof key === "string") this.p(key);
  }
};

// src/wake.ts
function listenForWake(woke, offline, shelved) {
  const heard = ({ type, persisted }) => {
    if (type === "offline") offline();
    else if (type === "pagehide") persisted && shelved();
    else if (type === "visibilitychange" ? document.visibilityState === "visible" : persisted !== false) woke();
  };
  const each = (method) => {
    for (const type of ["online", "offline", "pageshow", "pagehide", "visibilitychange", "resume"]) {
      globalThis[method]?.(type, heard, { capture: true });
    }
  };
  each("addEventListener");
  return () => each("removeEventListener");
}

// src/link.ts
var kMinute = 6e4;
var kLinger = 4e3;
var kFinal = { 1e3: "closed", 4004: "encryption", 4007: "closed", 4009: "closed", 4010: "closed" };
var kAtOnce = [4002, 4005, 4006];
var kBadMessage = [1002, 1003, 1007, 1009];
var Link = class {
  state = "idle";
  /** The server's name for this connection; null while not ready. */
  id = null;
  userId = null;
  /** Which server it is; null until that is known. */
  server;
  /** What becomes of the connection; never mixed with the application's events. */
  connection = new Emitter();
  /** @internal */
  a;
  /** @internal */
  d;
  /** @internal */
  e;
  /** @internal What ended the last connection, or attempt. */
  D = null;
  #url;
  #clock;
  #socket = null;
  /** Done when everything that was sent is sealed. */
  #sealing;
  /** Of the connection, where it is encrypted. */
  #agreement;
  #seals = false;
  #attempt = new AbortController();
  #attempts = 0;
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
  #unlisten;
  /** @internal */
  constructor(url, options) {
    this.#url = url;
    this.a = options;
    this.server = options.server ?? null;
    this.#clock = options.clock ?? systemClock;
    this.d = new Timers(this.#clock, (late) => {
      this.connection.b("late", late);
      this.#probe();
    });
    this.e = new Requests(this.d, options.timeout);
  }
  /** @internal Whether what is sent now leaves now. */
  get g() {
    return this.state === "ready" && !this.#leaveAt;
  }
  /** @internal */
  v() {
    this.#ids += 1;
    return `${this.#ids}`;
  }
  /** @internal */
  x(text) {
    const socket = this.#socket;
    const agreement = this.#agreement;
    this.#sentAt = this.#clock.now();
    const send = (sealed) => {
      if (socket !== this.#socket) return;
      this.#trace("out", text, sealed);
      socket.send(sealed ?? text);
    };
    if (this.#seals) this.#sealing = this.#sealing.then(() => agreement.seal(text)).then(send);
    else send();
  }
  /** @internal Sends it; the answer settles it. Ignis gives none to some. */
  y(request) {
    const { j: sent_ } = this.e;
    sent_.set(request.o, request);
    this.x(request.z);
    if (this.server !== "ignis" || !/^(join|leave|publish)$/.test(request.k)) return;
    sent_.delete(request.o);
    request.f();
  }
  /** Now, whatever the back-off says. */
  reconnect() {
    if (this.state === "ready") this.#break(1e3, "reconnect", 0);
    else if (this.state === "waiting") this.#open();
    else this.c();
  }
  /** For good, or until `connect`. Rooms that are wanted stay wanted. */
  close(code = 1e3, reason = "") {
    if (code !== 1e3 && !(code > 2999 && code < 5e3)) throw new RangeError(`close code ${code} is not 1000, nor 3000 to 4999`);
    this.#end(new HearthError("closed", "the client is closed", { close: { code, reason } }));
  }
  [Symbol.dispose]() {
    this.close();
  }
  /** @internal */
  c() {
    if (this.state !== "idle" && this.state !== "closed") return;
    this.#attempts = this.#faults = this.#wokeAt = 0;
    this.#reason = "connect";
    this.#unlisten = listenForWake(() => this.#woke(), () => this.#probe(), () => {
      this.#wokeAt = 0;
      this.#break(1e3, "page hidden", Infinity);
    });
    this.#open();
  }
  /** @internal Runs it after a pause of the back-off, if the connection is still there. */
  E(timer, attempt, run, least = 0) {
    this.d.c(timer, least + this.#backoff(attempt), run, false);
  }
  #trace(direction, text, sealed) {
    guarded(() => this.a.trace?.(direction, text, sealed));
  }
  /** With `close`, the connection goes meanwhile. False: somebody has gone on from there. */
  #enter(state, close) {
    const previous = this.state;
    const attempt = this.#attempt;
    const still = () => this.state === state && this.#attempt === attempt;
    this.state = state;
    if (close) this.#drop(close);
    if (still()) this.connection.b("state", state, previous);
    return still();
  }
  async #open() {
    const { encryption: encryption2, WebSocket = globalThis.WebSocket } = this.a;
    const { signal } = this.#attempt = new AbortController();
    this.#limit(15e3, "connecting took too long");
    this.#enter("connecting");
    let final;
    try {
      const data = await this.#ask(this.#reason, signal);
      final = "encryption";
      const agreement = await encryption2?.begin();
      final = void 0;
      const url = typeof this.#url === "string" ? this.#url : await this.#url();
      if (signal.aborted) return;
      final = "protocol";
      if (!WebSocket) throw new Error("no WebSocket here: pass one as the option WebSocket");
      this.#agreement = agreement;
      this.#use(new WebSocket(url), data);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause?.kind === "auth") final = "auth";
      this.#fail(cause, final);
    }
  }
  async #ask(reason, signal) {
    const { auth = {} } = this.a;
    const data = typeof auth === "function" ? await auth({ reason, signal }) : auth;
    if (!data) throw new HearthError("auth", "auth() lets nobody in");
    return data;
  }
  /** How long the state may last. */
  #limit(ms, reason) {
    this.d.c("state", ms, () => this.#break(1006, reason));
  }
  #use(socket, data) {
    this.#socket = socket;
    this.#sealing = Promise.resolve();
    this.#welcome = this.#refusal = void 0;
    const mine = (handler) => (event) => socket === this.#socket && handler(event);
    let handled = Promise.resolve();
    const inOrder = (handler) => this.#agreement ? (event) => {
      handled = handled.then(() => mine(handler)(event));
    } : mine(handler);
    socket.onopen = mine(() => {
      this.#limit(16e3, "no answer to authenticate");
      this.#authenticate({ ...data, publicKey: this.#agreement?.publicKey });
      this.#enter("authenticating");
    });
    socket.onmessage = inOrder(({ data: text }) => this.#receive(text, socket));
    socket.onerror = mine(() => this.state === "connecting" && this.#break(1006, "cannot connect"));
    socket.onclose = inOrder(({ code, reason }) => this.#break(code, `${reason}`));
  }
  #authenticate(data) {
    const id = this.v();
    this.y({
      o: id,
      z: JSON.stringify({ event: "authenticate", data, id }),
      f: (error) => {
        if (!error) {
          this.server = "hearth";
          this.#ready();
        } else if (this.state === "authenticating") {
          this.#refusal = error;
        }
      }
    });
  }
  /** `sealed` is what came in place of it. */
  async #receive(text, socket, sealed) {
    this.#receivedAt = this.#clock.now();
    this.d.p("probe");
    let envelope;
    let opened;
    try {
      envelope = JSON.parse(text);
    } catch {
    }
    try {
      if (!sealed && this.#agreement) opened = await this.#agreement.open(envelope);
    } catch (cause) {
      if (socket !== this.#socket) return;
      this.#faults += 1;
      return this.#fail(new HearthError("encryption", "a message did not open", { cause }), this.#faults > 2 ? "encryption" : void 0);
    }
    if (opened !== void 0) return this.#receive(opened, socket, text);
    if (socket === this.#socket) this.#trace("in", text, sealed);
    if (socket !== this.#socket) return;
    try {
      this.#handle(envelope);
    } catch (cause) {
      this.connection.b("error", new HearthError("protocol", `not understood: ${text.slice(0, 80)}`, { cause }));
    }
  }
  /** It is this side that cannot go on; `final` if it never will. */
  #fail(cause, final) {
    const reason = `${cause?.message ?? cause}`;
    if (final) this.#end(new HearthError(final, reason, { cause }));
    else this.#break(1006, reason, void 0, cause ?? reason);
  }
  #handle(envelope) {
    const { event, data, id } = envelope;
    if (typeof event !== "string") throw new TypeError("no envelope");
    const { j: sent_ } = this.e;
    const request = sent_.get(id);
    const error = event === "error" ? answered(data, !!request) : void 0;
    if (request) {
      sent_.delete(id);
      request.f(error, data);
    } else if (error) {
      this.connection.b("error", error);
    } else if (event === "connected") {
      if (this.state === "authenticating" && !this.#welcome) this.#welcomed(data ?? {});
    } else if (this.server === "hearth" && event === "reconnect") {
      this.#leave(data?.afterMs);
    } else if (this.server === "hearth" && event === "token_expiring") {
      this.#renew(0);
    } else if (event !== "ack") {
      this.P(envelope);
    }
  }
  #welcomed(welcome) {
    this.#welcome = welcome;
    if (this.a.encryption?.optional === false && !welcome.serverPublicKey) {
      return this.#end(new HearthError("encryption", "the server does not encrypt"));
    }
    if (this.server) return this.#ready();
    this.d.c("state", 1e3, () => {
      this.server = "ignis";
      this.#ready();
    });
  }
  #ready() {
    const { heartbeat = 25e3 } = this.a;
    const { id, userId = null, serverPublicKey } = this.#welcome ?? {};
    if (this.state !== "authenticating" || !id) return;
    this.d.p("state");
    this.d.c("stable", 1e4, () => {
      this.#attempts = this.#faults = 0;
    });
    Object.assign(this, { id, userId });
    this.#reason = "connect";
    this.#seals = serverPublicKey && this.#agreement && this.server === "hearth";
    this.#whenQuiet("beat", heartbeat, () => this.#sentAt, () => this.#beat());
    this.#whenQuiet("silence", 45e3, () => this.#receivedAt, () => this.#probe());
    this.#enter("ready");
    if (this.g) this.Q();
  }
  /** Runs it whenever nothing has happened for so long; `last` says when something did. */
  #whenQuiet(timer, ms, last, run) {
    const left = last() + ms - this.#clock.now();
    this.d.c(timer, left > 0 ? left : ms, () => this.#whenQuiet(timer, ms, last, run));
    if (left <= 0) run();
  }
  #beat() {
    if (this.g) this.x(JSON.stringify({ event: "heartbeat", id: this.v() }));
  }
  /** A heartbeat that has to be answered, where heartbeats are. */
  #probe() {
    this.#beat();
    if (!this.g || this.server === "ignis" || this.d.l.has("probe")) return;
    this.d.c("probe", 1e4, () => this.#break(1006, "no answer to a heartbeat"));
  }
  #woke() {
    const now = this.#clock.now();
    if (this.state === "ready" && this.server === "ignis" && now - this.#receivedAt > kMinute) {
      this.reconnect();
    } else if (this.state === "waiting" && now - this.#wokeAt >= 1e3) {
      this.#wokeAt = now;
      this.#open();
    }
    this.#probe();
  }
  /** The server wants this connection to end, and a new one elsewhere; it has spread its clients over time. */
  #leave(ms) {
    if (!this.g) return;
    const at = this.#clock.now() + (ms > 0 ? Math.min(ms, kMinute) : 0);
    const leave = (wait) => this.d.c("leave", wait, () => {
      if (this.e.j.size > 0 && this.#clock.now() < at + kLinger) leave(50);
      else this.#break(1e3, "as asked", 0);
    }, false);
    leave(at - this.#clock.now());
    this.#leaveAt = at;
  }
  async #renew(failures) {
    if (typeof this.a.auth !== "function") return;
    const { signal } = this.#attempt;
    try {
      const { rooms } = await this.s("authenticate", await this.#ask("expiring", signal)) ?? {};
      this.R(rooms);
    } catch (cause) {
      if (signal.aborted) return;
      this.connection.b("error", new HearthError("auth", `renewal: ${cause?.message}`, { cause, retryable: true }));
      this.E("renew", failures, () => this.#renew(failures + 1), 1e3);
    }
  }
  #backoff(attempt) {
    const { min = 1e3, max = 3e4 } = this.a.backoff ?? {};
    return this.#clock.random() * Math.min(max, min * 2 ** attempt);
  }
  /** Lets go of the socket without waiting for its end, which browsers may put off for a minute. */
  #drop(close) {
    const { code, reason } = close;
    const socket = this.#socket;
    this.#socket = null;
    this.#attempt.abort();
    this.d.O();
    Object.assign(this, { id: null, userId: null });
    this.#leaveAt = 0;
    this.#seals = false;
    try {
      socket?.close(code, reason);
    } catch {
      socket.close();
    }
    if (code === 1006) socket?.terminate?.();
    if (kBadMessage.includes(code)) {
      this.e.B?.f(new HearthError(
        "protocol",
        `not accepted: ${code} ${reason}`,
        { sent: true, close }
      ));
    }
    this.r();
    this.e.r(close);
  }
  #end(error) {
    if (this.state === "closed") return;
    this.#unlisten?.();
    this.e.N(error);
    this.D = { cause: error };
    if (this.#enter("closed", error.close ?? { code: 1e3, reason: "" })) this.connection.b("closed", error);
  }
  /** What follows when a connection or an attempt has ended; `delay` if that is already known. */
  #break(code, reason, delay, cause) {
    const close = { code, reason };
    const { auth, shouldReconnect } = this.a;
    let final;
    if (delay === void 0 && !cause) {
      final = kFinal[code];
      if (code === 4003) {
        if (this.#reason === "refused" || typeof auth !== "function") final = "auth";
        this.#reason = "refused";
      } else if (code === 4006) {
        this.#reason = "expired";
      } else if (!final && ![4008, ...kAtOnce, ...kBadMessage].includes(code) && guarded(() => shouldReconnect?.(close)) === false) {
        final = "closed";
      }
    }
    const error = new HearthError(
      final ?? "lost",
      this.#refusal?.message ?? `the connection ended: ${code} ${reason}`,
      { code: this.#refusal?.code, close, cause }
    );
    if (final) return this.#end(error);
    if (this.#leaveAt) delay ??= Math.max(this.#leaveAt - this.#clock.now(), 0);
    if (delay === void 0) {
      delay = kAtOnce.includes(code) && !this.#attempts ? 0 : this.#backoff(this.#attempts);
      if (code === 4008) delay = Math.max(delay, kMinute);
      this.#attempts += 1;
    }
    const ended = this.D = { delay, cause: error, attempt: this.#attempts };
    if (this.#enter("waiting", close)) {
      this.d.c("state", delay, () => this.#open(), false);
      this.connection.b("waiting", ended);
    }
  }
};

// src/room.ts
var Room = class {
  name;
  state = "out";
  /** How far this client has got, for a later `since`; null where no history is kept. */
  position = null;
  membership = new Emitter();
  presence = new Emitter();
  /** @internal */
  a = {};
  /** @internal Whether the server was told that this client wants to be in. */
  h = false;
  /** @internal The message that told it last, until that is answered; an answer to another says nothing any more. */
  t;
  /** @internal Whether the server tells what is missing: it has answered where this client stands, be it nowhere. */
  F = false;
  /** @internal */
  G = new Emitter();
  /** @internal */
  u = { recovered: null, confirmed: false };
  #client;
  #wished = false;
  #holds = 0;
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
    this.name = name;
    this.#client = client;
  }
  /** Becomes a member, and stays one over reconnects until `leave`. Timed out, it goes on trying. */
  join(options = {}) {
    const { signal } = options;
    const promise = this.#wait("join", options, this.#joining);
    promise.catch(() => {
      if (signal?.aborted && !this.#joining.size && this.state !== "in") this.#wish(false);
    });
    if (!signal?.aborted) this.#wish(true, true);
    if (this.h && this.state === "in") settle(this.#joining, void 0, this.u);
    return promise;
  }
  leave(options = {}) {
    const promise = this.#wait("leave", options, this.#leaving);
    this.#wish(false);
    if (this.state === "out") settle(this.#leaving);
    return promise;
  }
  /** Keeps this client in the room until what it returns is called, also beside others that do so. */
  hold() {
    this.#holds += 1;
    this.#wish(this.#wished, this.#holds < 2);
    let held = 1;
    return () => {
      setTimeout(() => {
        this.#holds -= held;
        held = 0;
        this.#wish(this.#wished);
      });
    };
  }
  /** Resolves once the server has it, and every history that keeps it. */
  async publish(event, data, options = {}) {
    const repeats = this.position ? () => !!this.position : void 0;
    const random = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
    const { echo, key, idempotencyKey = repeats && random() } = options;
    this.#silent &&= echo === false;
    await this.#client.s("publish", { room: this.name, event, data, echo, key, idempotencyKey }, options, repeats);
  }
  /** What was said, as far as it is kept; of members' business. */
  history(options = {}) {
    const { signal, timeout, ...range } = options;
    return this.#client.s("history", { room: this.name, ...range }, options);
  }
  /** Messages that name this room, which Hearth's do. */
  on(event, handler, options) {
    return this.G.on(event, handler, options);
  }
  /** @internal */
  get m() {
    return this.#wished || this.#holds > 0;
  }
  /** `again`: also if it was refused. */
  #wish(wished, again) {
    this.#wished = wished;
    if (this.m) {
      settle(this.#leaving);
      if (again && this.state === "refused") this.h = false;
      if (!this.h && this.state !== "rejoining") this.#move("joining");
    } else if (!this.h) {
      this.A();
    }
    this.#client.S(this);
  }
  #wait(what, options, others) {
    const promise = this.#client.n({ ...options, k: `${what} ${this.name}` }, others);
    promise.catch(() => {
    });
    return promise;
  }
  #move(state) {
    const was = this.state;
    this.state = state;
    if (was === "in" && state !== was) this.membership.b("out");
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
    settle(this.#joining, new HearthError("closed", `join ${this.name}: the room was left`));
  }
  /** @internal What `since` says of this room; undefined if it should not be named there. */
  get H() {
    const { since = null, recover } = this.a;
    return recover === false ? void 0 : this.position ?? since;
  }
  /** @internal It is joined, and this is where it stands. */
  T(place, confirmed) {
    this.#moveTo(place);
    this.F = place !== void 0;
    const { recovered = null, reason } = place ?? {};
    this.u = { recovered, reason, confirmed };
    this.state = "in";
    settle(this.#joining, void 0, this.u);
    this.membership.b("in", this.u);
  }
  /** @internal */
  I(error) {
    if (!error.retryable) this.#move("refused");
    settle(this.#joining, error);
    this.membership.b("refused", error);
  }
  /** @internal The connection is gone. */
  r() {
    this.h = false;
    this.t = void 0;
    if (!this.m) this.A();
    else if (this.state === "in") this.#move("rejoining");
  }
  /** @internal The server says that something is missing. */
  U(data) {
    const { reason, epoch, offset, top, skipped } = data;
    if (this.#moveTo(data) || !this.position) this.membership.b("gap", { reason, epoch, offset, top, skipped });
  }
  /** @internal Has it delivered, but what was already, and moves the position after that. */
  V(message, epoch, former, deliver) {
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
  J({ version, clients, users, members, joined = [], left = [], stale = false }) {
    if (members) {
      this.#members = new Map(members.map((member) => [member.id, member]));
    } else if (!joined.length && !left.length) {
      this.#members = null;
    } else if (version !== this.#version + 1) {
      this.#client.s("presence", { room: this.name }).then((data) => this.J(data), () => {
      });
      return;
    }
    this.#version = version;
    for (const id of left) this.#members?.delete(id);
    for (const member of joined) this.#members?.set(member.id, member);
    this.presence.b(
      "change",
      { clients, users, members: this.#members && [...this.#members.values()], joined, left, stale }
    );
  }
};

// src/client.ts
var kMostNames = 16384;
var kFormerIds = 32;
var HearthClient = class extends Link {
  #messages = new Emitter();
  #rooms = /* @__PURE__ */ new Map();
  /** Rooms of which the server may have to be told. */
  #changed = /* @__PURE__ */ new Set();
  #retries = 0;
  #announced = true;
  #connecting = /* @__PURE__ */ new Set();
  /** Names that this client had, the newest first. */
  #former = [];
  /** Nothing is opened yet, and no timer runs. */
  constructor(url, options = {}) {
    super(url, options);
    options.signal?.addEventListener("abort", () => this.close());
  }
  /** Resolves at `ready`, rejects at `closed`. `signal` ends the waiting, not the client. */
  connect({ signal } = {}) {
    const { signal: end } = this.a;
    if (!end?.aborted) this.c();
    const promise = this.n({ signal: end?.aborted ? end : signal, timeout: Infinity, k: "connect" }, this.#connecting);
    promise.catch(() => {
    });
    if (this.state === "ready") settle(this.#connecting, void 0, this);
    return promise;
  }
  /** Every message of the application's, also those of rooms. */
  on(event, handler, options) {
    return this.#messages.on(event, handler, options);
  }
  /** The same object for the same name; `options` are taken over. */
  room(name, options) {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, room = new Room(name, this));
    Object.assign(room.a, options);
    return room;
  }
  /** Sends a message to the application that wants no answer. False, and not sent, if not ready. */
  send(event, data) {
    const text = this.#text({ event, data });
    if (!this.g) return false;
    this.#tell();
    this.x(text);
    return true;
  }
  /** Sends a message to the application that it answers under its id, now or once there is a connection. */
  request(event, data, options) {
    return this.s(event, data, options);
  }
  /** @internal A promise of what somebody will settle; the request is among `others` until then. */
  async n(terms, others) {
    if (this.state === "closed") throw new HearthError("closed", `${terms.k}: the client is closed`, { sent: false });
    return this.e.n(terms, others);
  }
  /** @internal */
  async s(event, data, options, repeats_) {
    const { queue = 100 } = this.a;
    const { i: waiting_ } = this.e;
    const id_ = this.v();
    const text_ = this.#text({ event, data, id: id_ });
    if (!this.g && waiting_.size >= queue) throw new HearthError("queue", `${event}: ${queue} requests wait`, { sent: false });
    const promise = this.n({ ...options, k: event, o: id_, z: text_, C: repeats_ }, waiting_);
    if (this.g) this.#flush();
    return promise;
  }
  #text(envelope) {
    const text = JSON.stringify(envelope);
    const { maxMessage = 131072, encryption: encryption2 } = this.a;
    const most = encryption2 ? maxMessage * 0.75 - 128 : maxMessage;
    const bytes = text.length * 3 > most ? new TextEncoder().encode(text).length : 0;
    if (bytes > most) throw new HearthError("protocol", `message of ${bytes} bytes; the most is ${most}`, { sent: false });
    return text;
  }
  #flush() {
    this.#tell();
    this.e.M((request) => this.y(request));
  }
  /** @internal The server is told at the end of the turn, of all rooms in one message. */
  S(room) {
    if (!this.#changed.size) queueMicrotask(() => this.#tell());
    this.#changed.add(room);
  }
  /** Tells the server what has changed. Before everything else that is sent, so that it happens in that order. */
  #tell() {
    if (!this.g) return;
    const changed = [...this.#changed].filter((room) => room.m !== room.h);
    this.#changed.clear();
    let batch = [];
    let size = 0;
    for (const room of changed.filter((room2) => room2.m)) {
      size += room.name.length;
      if (size > kMostNames) {
        this.#say("join", batch);
        batch = [];
        size = room.name.length;
      }
      batch.push(room);
    }
    this.#say("join", batch);
    this.#say("leave", changed.filter((room) => !room.m));
  }
  /** Sends a `join` or `leave`. Its answer counts for each room of which it was the last word. */
  #say(name_, rooms) {
    if (!rooms.length) return;
    const id_ = this.v();
    const joins = name_ === "join";
    const since = rooms.filter((room) => joins && room.H !== void 0).map((room) => [room.name, room.H]);
    const presence = rooms.filter((room) => joins && room.a.presence).map((room) => room.name);
    const data = {
      rooms: rooms.map((room) => room.name),
      // Names such as `__proto__` are no ordinary keys.
      since: since.length ? Object.fromEntries(since) : void 0,
      presence: presence.length ? presence : void 0
    };
    for (const room of rooms) {
      room.h = joins;
      room.t = id_;
    }
    this.y({
      k: name_,
      o: id_,
      z: JSON.stringify({ event: name_, data, id: id_ }),
      f: (error, answer) => {
        for (const room of rooms) {
          if (room.t !== id_) continue;
          room.t = void 0;
          if (joins) this.#joined(room, error, answer ?? {});
          else room.A();
        }
        this.#announce();
      }
    });
  }
  #joined(room, error, { rooms, codes, code, message, positions }) {
    const at = error ? rooms?.indexOf?.(room.name) ?? 0 : -1;
    const refusal = answered({ code: codes?.[at] ?? code, message, rooms: [room.name] }, true);
    if (at < 0 || refusal.code === 207) {
      this.#retries = 0;
      return room.T(positions?.[room.name], this.server === "hearth");
    }
    room.I(refusal);
    if (!refusal.retryable) return;
    room.h = false;
    this.#changed.add(room);
    this.E("rooms", this.#retries, () => this.#tell());
    this.#retries += 1;
  }
  /** @internal */
  R(names) {
    for (const room of this.#rooms.values()) {
      if (!names || names.includes(room.name) || room.state !== "in") continue;
      room.I(new HearthError("refused", `${room.name}: not allowed any more`, { rooms: [room.name] }));
    }
  }
  /** @internal */
  Q() {
    this.#former = [this.id, ...this.#former].slice(0, kFormerIds);
    this.#announced = false;
    this.#flush();
    settle(this.#connecting, void 0, this);
    this.#announce();
  }
  #announce() {
    const wanted = [...this.#rooms.values()].filter((room) => room.m);
    if (this.#announced || this.state !== "ready" || wanted.some((room) => room.t)) return;
    this.#announced = true;
    const resumed = !!wanted.length && wanted.every((room) => room.state === "in" && room.u.recovered);
    this.connection.b("ready", { id: this.id, userId: this.userId, resumed });
  }
  /** @internal */
  r() {
    this.#retries = 0;
    for (const room of this.#rooms.values()) {
      this.#changed.add(room);
      room.r();
    }
  }
  /** @internal */
  P({ event, data, from, room: name, offset, epoch, skipped }) {
    const about = this.#rooms.get(data?.room);
    if (event === "gap" && about?.F) return about.U(data);
    if (event === "presence" && about?.a.presence) return about.J(data);
    const room = this.#rooms.get(name);
    const deliver = (message2) => {
      this.#messages.b(event, data, message2);
      room?.G.b(event, data, message2);
    };
    const message = { event, data, from, room: name, offset, skipped };
    if (room) room.V(message, epoch, this.#former, deliver);
    else deliver(message);
  }
};

// src/encryption.ts
var kCurve = { name: "ECDH", namedCurve: "P-256" };
var kCipher = "AES-GCM";
var kIvBytes = 12;
var encode = (text) => new TextEncoder().encode(text);
var toBase64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
var fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
function encryption({ info = "ignis-ecdh-p256-aes-256-gcm-v1", optional = false } = {}) {
  return { optional, begin: () => begin(info) };
}
async function begin(info) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Error("no WebCrypto here: browsers have it on https:// and localhost alone");
  const { publicKey, privateKey } = await subtle.generateKey(kCurve, false, ["deriveKey"]);
  let key;
  return {
    publicKey: toBase64(await subtle.exportKey("raw", publicKey)),
    async seal(text) {
      const iv = crypto.getRandomValues(new Uint8Array(kIvBytes));
      const ct = await subtle.encrypt({ name: kCipher, iv }, key, encode(text));
      return JSON.stringify({ event: "encrypted", data: { iv: toBase64(iv), ct: toBase64(ct) } });
    },
    async open({ event, data }) {
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
