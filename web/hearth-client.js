// Built from clients/js by script/client. Changes go there.

// src/emitter.ts
function report(error) {
  if (typeof reportError === "function") reportError(error);
  else Promise.reject(error);
}
function guarded(call) {
  try {
    return call();
  } catch (error) {
    report(error);
    return void 0;
  }
}
var Emitter = class {
  #handlers = /* @__PURE__ */ new Map();
  /** Returns what takes the handler away again. */
  on(event, handler, { signal, once } = {}) {
    if (signal?.aborted) return () => {
    };
    const entry = { handler };
    const entries = this.#handlers.get(event) ?? /* @__PURE__ */ new Set();
    this.#handlers.set(event, entries.add(entry));
    const off = () => {
      entries.delete(entry);
      signal?.removeEventListener("abort", off);
    };
    if (once) {
      entry.handler = (...values) => {
        off();
        handler(...values);
      };
    }
    signal?.addEventListener("abort", off);
    return off;
  }
  /** @internal A handler added meanwhile is not called, nor is one that was taken away. */
  d(event, ...values) {
    for (const name of [event, "*"]) {
      const entries = this.#handlers.get(name);
      for (const entry of [...entries ?? []]) {
        if (entries.has(entry)) guarded(() => entry.handler(...values));
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
      { name: "HearthError", kind, retryable: ["timeout", "unavailable", "queue"].includes(kind) },
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
var Requests = class {
  /** Those that are to be sent, in order. */
  k = /* @__PURE__ */ new Set();
  /** Those on the wire, by their ids. */
  l = /* @__PURE__ */ new Map();
  /** The one sent last: the one to blame when the server finds fault with a message. */
  B;
  a;
  C;
  #open = /* @__PURE__ */ new Set();
  constructor(timers, timeout) {
    this.a = timers;
    this.C = timeout;
  }
  /** Throws if it is given up already. */
  b(terms, done) {
    const { signal, timeout = this.C } = terms;
    signal?.throwIfAborted();
    const abort = () => request.f(signal.reason);
    const request = {
      n: terms,
      f: (error, value) => {
        if (!this.#open.delete(request)) return;
        this.k.delete(request);
        this.l.delete(terms.D);
        this.a.o(request);
        signal?.removeEventListener("abort", abort);
        done(error, value);
      }
    };
    this.#open.add(request);
    signal?.addEventListener("abort", abort);
    this.a.b(request, timeout, () => this.#fail(request, "timeout", `no answer within ${timeout} ms`));
    return request;
  }
  /** Sends what waits. `write` says whether an answer will come. */
  L(write) {
    for (const request of this.k) {
      this.k.delete(request);
      const now = this.a.p.now();
      request.w ??= now;
      if (now - request.w > kRepeatedFor) {
        this.#lose(request);
        continue;
      }
      this.B = request;
      this.l.set(request.n.D, request);
      if (!write(request.n)) request.f();
    }
  }
  /** The connection is gone. What may be sent twice waits for the next one. */
  q(close) {
    const again = [];
    for (const request of this.l.values()) {
      const { E: repeats_, timeout } = request.n;
      if (!repeats_?.()) {
        this.#lose(request, close);
        continue;
      }
      again.push(request);
      if (timeout === void 0) {
        const left = request.w + kRepeatedFor - this.a.p.now();
        this.a.b(request, left, () => this.#lose(request, close), false);
      }
    }
    this.l.clear();
    this.k = /* @__PURE__ */ new Set([...again, ...this.k]);
  }
  M({ kind, message, close, cause, code }) {
    for (const request of this.#open) this.#fail(request, kind, message, { close, cause, code });
  }
  #lose(request, close) {
    this.#fail(request, "lost", "the connection broke", { close, retryable: !!request.n.E });
  }
  #fail(request, kind, text, details) {
    request.f(new HearthError(
      kind,
      `${request.n.r}: ${text}`,
      { sent: request.w !== void 0, ...details }
    ));
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
  p;
  m = /* @__PURE__ */ new Map();
  #overslept;
  /** `overslept` is told by how much a timer was late. */
  constructor(clock, overslept) {
    this.p = clock;
    this.#overslept = overslept;
  }
  /**
   * Runs `run` after `ms`, in place of what ran under that key. A timer that `judges` whether something took too long
   * begins anew, once, if it is far too late: then it was this side that slept, and what it waits for may be in the queue.
   */
  b(key, ms, run, judges = true) {
    this.o(key);
    if (ms === Infinity) return;
    const clock = this.p;
    const due = clock.now() + ms;
    this.m.set(key, clock.set(Math.min(ms, kLongest), () => {
      this.m.delete(key);
      const late = clock.now() - due;
      if (late < kOverslept) return run();
      if (judges) this.b(key, ms, run, false);
      this.#overslept(late);
      if (!judges) run();
    }));
  }
  o(key) {
    this.p.clear(this.m.get(key));
    this.m.delete(key);
  }
  /** Stops those of the connection, whose keys are names. */
  N() {
    for (const key of this.m.keys()) if (typeof key === "string") this.o(key);
  }
  F(key) {
    return this.m.has(key);
  }
};

// src/wake.ts
function listenForWake(woke, offline, shelved) {
  const page = globalThis.document;
  const handlers = [
    [globalThis, "online", woke],
    [globalThis, "offline", offline],
    [globalThis, "pageshow", ({ persisted }) => persisted && woke()],
    [globalThis, "pagehide", ({ persisted }) => persisted && shelved()],
    [page, "visibilitychange", () => page.visibilityState === "visible" && woke()],
    [page, "resume", woke]
  ];
  for (const [target, type, handler] of handlers) target?.addEventListener?.(type, handler);
  return () => {
    for (const [target, type, handler] of handlers) target?.removeEventListener?.(type, handler);
  };
}

// src/link.ts
var kConnectDeadline = 15e3;
var kAuthenticateDeadline = 16e3;
var kAckDeadline = 1e3;
var kStable = 1e4;
var kSilent = 45e3;
var kProbe = 1e4;
var kMinute = 6e4;
var kLinger = 4e3;
var kFinal = [1e3, 4007, 4009, 4010];
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
  c;
  /** @internal */
  a;
  /** @internal */
  g;
  #url;
  #clock;
  #socket = null;
  #attempt = new AbortController();
  #attempts = 0;
  #reason = "connect";
  #refused = false;
  #faults = 0;
  #ids = 0;
  #authId = "";
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
    this.c = options;
    this.server = options.server ?? null;
    this.#clock = options.clock ?? systemClock;
    this.a = new Timers(this.#clock, (late) => {
      this.connection.d("late", late);
      this.#probe();
    });
    this.g = new Requests(this.a, options.timeout ?? 1e4);
  }
  /** @internal Whether what is sent now leaves now. */
  get j() {
    return this.state === "ready" && !this.#leaveAt;
  }
  /** @internal */
  u() {
    this.#ids += 1;
    return `${this.#ids}`;
  }
  /** @internal */
  x(event, data, id) {
    this.y(JSON.stringify({ event, data, id }));
  }
  /** @internal */
  y(text) {
    this.#sentAt = this.#clock.now();
    const socket = this.#socket;
    if (!socket.seals) this.#trace("out", text);
    socket.send(text);
  }
  /** Now, whatever the back-off says. */
  reconnect() {
    if (this.state === "ready") this.#break(1e3, "reconnect", 0);
    else if (this.state === "waiting") this.#open();
    else this.b();
  }
  /** For good, or until `connect`. Rooms that are wanted stay wanted. */
  close(code = 1e3, reason = "") {
    if (code !== 1e3 && !(code > 2999 && code < 5e3)) throw new RangeError(`close code ${code}: 1000 and 3000 to 4999 may be sent`);
    this.#end(new HearthError("closed", "the client is closed", { close: { code, reason } }));
  }
  [Symbol.dispose]() {
    this.close();
  }
  /** @internal */
  b() {
    if (this.state !== "idle" && this.state !== "closed") return;
    this.#attempts = this.#faults = this.#wokeAt = 0;
    this.#refused = false;
    this.#reason = "connect";
    this.#unlisten = listenForWake(() => this.#woke(), () => this.#probe(), () => {
      this.#wokeAt = 0;
      this.#break(1e3, "page hidden", Infinity);
    });
    this.#open();
  }
  /** @internal Runs it after a pause of the back-off, if the connection is still there. */
  G(timer, attempt, run, least = 0) {
    this.a.b(timer, least + this.#backoff(attempt), run, false);
  }
  #trace(direction, text, sealed) {
    guarded(() => this.c.trace?.(direction, text, sealed));
  }
  /** `meanwhile` happens in the new state, before anybody is told of it; false: somebody has gone on from there. */
  #enter(state, meanwhile) {
    const previous = this.state;
    const attempt = this.#attempt;
    const still = () => this.state === state && this.#attempt === attempt;
    this.state = state;
    meanwhile?.();
    if (still()) this.connection.d("state", state, previous);
    return still();
  }
  async #open() {
    const { encryption: encryption2, WebSocket = globalThis.WebSocket } = this.c;
    const { signal } = this.#attempt = new AbortController();
    this.#limit(kConnectDeadline, "connecting took too long");
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
      this.#use(new WebSocket(url), data, agreement);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause?.kind === "auth") final = "auth";
      const reason = `${cause?.message ?? cause}`;
      if (final) this.#end(new HearthError(final, reason, { cause }));
      else this.#break(1006, reason, void 0, cause ?? reason);
    }
  }
  async #ask(reason, signal) {
    const { auth = {} } = this.c;
    const data = typeof auth === "function" ? await auth({ reason, signal }) : auth;
    if (!data) throw new HearthError("auth", "auth() says that nobody is allowed in");
    return data;
  }
  /** How long the state may last. */
  #limit(ms, reason) {
    this.a.b("state", ms, () => this.#break(1006, reason));
  }
  #use(raw, data, agreement) {
    const socket = this.#socket = agreement?.wrap(raw, (...words) => this.#trace(...words)) ?? raw;
    this.#welcome = this.#refusal = void 0;
    socket.binaryType = "arraybuffer";
    const mine = (handler) => (value) => {
      if (socket === this.#socket) handler(value);
    };
    socket.onopen = mine(() => {
      this.#limit(kAuthenticateDeadline, "no answer to authenticate");
      this.#authId = this.u();
      this.x("authenticate", { ...data, publicKey: agreement?.publicKey }, this.#authId);
      this.#enter("authenticating");
    });
    socket.onmessage = mine(({ data: text, sealed }) => {
      this.#receivedAt = this.#clock.now();
      this.a.o("probe");
      this.#receive(typeof text === "string" ? text : new TextDecoder().decode(text), sealed);
    });
    socket.onerror = mine(({ fault }) => {
      if (this.state === "connecting") return this.#break(1006, "cannot connect");
      if (!fault) return;
      this.#faults += 1;
      const error = new HearthError("encryption", "a message did not open", { cause: fault });
      if (this.#faults > 2) this.#end(error);
      else this.#break(1e3, error.message, void 0, error);
    });
    socket.onclose = mine(({ code, reason }) => this.#break(code, `${reason}`));
  }
  #receive(text, sealed) {
    const socket = this.#socket;
    this.#trace("in", text, sealed);
    let envelope;
    try {
      envelope = JSON.parse(text);
    } catch {
    }
    if (socket !== this.#socket) return;
    if (typeof envelope?.event !== "string") {
      return this.connection.d("error", new HearthError("protocol", `no envelope: ${text.slice(0, 80)}`));
    }
    const { event, data, id } = envelope;
    const mine = id === this.#authId;
    const hearth = this.server === "hearth";
    if (event === "connected") {
      if (this.state === "authenticating" && !this.#welcome) this.#welcomed(data ?? {});
    } else if (mine && event === "ack") {
      this.server = "hearth";
      this.#ready();
    } else if (mine && event === "error") {
      this.#refusal = answered(data);
    } else if (hearth && event === "reconnect") {
      this.#leave(data?.afterMs);
    } else if (hearth && event === "token_expiring") {
      this.#renew(0);
    } else {
      try {
        this.O(envelope);
      } catch (cause) {
        this.connection.d("error", new HearthError("protocol", `not understood: ${text.slice(0, 80)}`, { cause }));
      }
    }
  }
  #welcomed(welcome) {
    this.#welcome = welcome;
    if (this.c.encryption?.optional === false && !welcome.serverPublicKey) {
      return this.#end(new HearthError("encryption", "the server does not encrypt"));
    }
    if (this.server) return this.#ready();
    this.a.b("state", kAckDeadline, () => {
      this.server = "ignis";
      this.#ready();
    });
  }
  #ready() {
    const { id, userId = null, serverPublicKey } = this.#welcome ?? {};
    if (this.state !== "authenticating" || !id) return;
    this.a.o("state");
    this.a.b("stable", kStable, () => {
      this.#attempts = this.#faults = 0;
    });
    Object.assign(this, { id, userId });
    this.#reason = "connect";
    this.#refused = false;
    this.#socket.seals = serverPublicKey && this.server === "hearth";
    this.#watch();
    this.#enter("ready");
    if (this.j) this.P();
  }
  /** Wakes up when a heartbeat is due, or the silence is too long. */
  #watch() {
    const { heartbeat = 25e3 } = this.c;
    const left = (judges2) => Math.min(
      this.#sentAt + heartbeat,
      judges2 ? this.#receivedAt + kSilent : Infinity
    ) - this.#clock.now();
    const judges = this.server === "hearth" && !this.#leaveAt && !this.a.F("probe");
    this.a.b("beat", Math.max(left(judges), 1), () => {
      if (left(false) <= 0) this.#beat();
      else if (left(judges) <= 0) this.#probe();
      this.#watch();
    });
  }
  #beat() {
    if (this.j) this.x("heartbeat", void 0, this.u());
    else this.#sentAt = this.#clock.now();
  }
  /** A heartbeat that has to be answered, where heartbeats are. */
  #probe() {
    if (!this.j) return;
    this.#beat();
    if (this.server === "ignis" || this.a.F("probe")) return;
    this.a.b("probe", kProbe, () => this.#break(1006, "no answer to a heartbeat"));
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
    if (!this.j) return;
    const now = this.#clock.now();
    const at = this.#leaveAt = now + (ms > 0 ? Math.min(ms, kMinute) : 0);
    const leave = () => {
      if (this.g.l.size > 0 && this.#clock.now() < at + kLinger) this.a.b("leave", 50, leave, false);
      else this.#break(1e3, "as asked", 0);
    };
    this.a.b("leave", at - now, leave, false);
  }
  async #renew(failures) {
    if (typeof this.c.auth !== "function") return;
    const { signal } = this.#attempt;
    try {
      const { rooms } = await this.s("authenticate", await this.#ask("expiring", signal)) ?? {};
      this.Q(rooms);
    } catch (cause) {
      if (signal.aborted) return;
      this.connection.d("error", new HearthError("auth", `renewal: ${cause?.message}`, { cause, retryable: true }));
      this.G("renew", failures, () => this.#renew(failures + 1), 1e3);
    }
  }
  #backoff(attempt) {
    const { min = 1e3, max = 3e4 } = this.c.backoff ?? {};
    return this.#clock.random() * Math.min(max, min * 2 ** attempt);
  }
  /** Lets go of the socket without waiting for its end, which browsers may put off for a minute. */
  #drop(close) {
    const { code, reason } = close;
    const socket = this.#socket;
    this.#socket = null;
    this.#attempt.abort();
    this.a.N();
    Object.assign(this, { id: null, userId: null });
    this.#leaveAt = 0;
    try {
      socket?.close(code, reason);
    } catch {
      socket.close();
    }
    if (code === 1006) socket?.terminate?.();
    if (kBadMessage.includes(code)) {
      this.g.B?.f(new HearthError(
        "protocol",
        `the server found fault with it: ${code} ${reason}`,
        { sent: true, close }
      ));
    }
    this.g.q(close);
    this.q();
  }
  #end(error) {
    if (this.state === "closed") return;
    this.#unlisten?.();
    this.#enter("closed", () => {
      this.g.M(error);
      this.#drop(error.close ?? { code: 1e3, reason: "" });
    });
    this.connection.d("closed", error);
  }
  /** What follows when a connection or an attempt has ended; `delay` if that is already known. */
  #break(code, reason, delay, cause) {
    const close = { code, reason };
    const { auth, shouldReconnect } = this.c;
    let final;
    if (delay === void 0 && !cause) {
      if (kFinal.includes(code)) {
        final = "closed";
      } else if (code === 4004) {
        final = "encryption";
      } else if (code === 4003) {
        if (this.#refused || typeof auth !== "function") final = "auth";
        this.#refused = true;
        this.#reason = "refused";
      } else if (code === 4006) {
        this.#reason = "expired";
      } else if (![4008, ...kAtOnce, ...kBadMessage].includes(code) && guarded(() => shouldReconnect?.(close)) === false) {
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
    if (this.#enter("waiting", () => {
      this.#drop(close);
      if (this.state === "waiting") this.a.b("state", delay, () => this.#open(), false);
    })) this.connection.d("waiting", { delay, cause: error, attempt: this.#attempts });
  }
};

// src/room.ts
var Room = class {
  name;
  /** @internal Written through this. */
  e = "out";
  /** @internal */
  i = null;
  membership = new Emitter();
  presence = new Emitter();
  /** @internal */
  c = {};
  /** @internal Whether the server was told that this client wants to be in. */
  h = false;
  /** @internal The message that told it last; an answer to another says nothing any more. */
  H;
  /** @internal */
  I = new Emitter();
  /** @internal */
  t = { recovered: null, confirmed: false };
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
  get state() {
    return this.e;
  }
  /** How far this client has got, for a later `since`; null where no history is kept. */
  get position() {
    return this.i;
  }
  /** Becomes a member, and stays one over reconnects until `leave`. Timed out, it goes on trying. */
  join(options = {}) {
    const { signal } = options;
    const promise = this.#wait("join", options, this.#joining, () => {
      if (signal?.aborted && !this.#joining.size && this.e !== "in") this.#wish(false);
    });
    if (!signal?.aborted) this.#wish(true, true);
    if (this.h && this.e === "in") this.#settle(this.#joining, void 0, this.t);
    return promise;
  }
  leave(options = {}) {
    const promise = this.#wait("leave", options, this.#leaving);
    this.#wish(false);
    if (this.e === "out") this.#settle(this.#leaving);
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
  async publish(event, data, { echo, key, idempotencyKey, ...options } = {}) {
    const repeats = this.i ? () => !!this.i : void 0;
    if (repeats) idempotencyKey ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
    this.#silent &&= echo === false;
    await this.#client.s("publish", { room: this.name, event, data, echo, key, idempotencyKey }, options, repeats);
  }
  /** What was said, as far as it is kept; of members' business. */
  history({ signal, timeout, ...range } = {}) {
    return this.#client.s("history", { room: this.name, ...range }, { signal, timeout });
  }
  /** Messages that name this room, which Hearth's do. */
  on(event, handler, options) {
    return this.I.on(event, handler, options);
  }
  /** @internal */
  get v() {
    return this.#wished || this.#holds > 0;
  }
  /** `again`: also if it was refused. */
  #wish(wished, again) {
    this.#wished = wished;
    if (this.v) {
      this.#settle(this.#leaving);
      if (again && this.e === "refused") this.h = false;
      if (!this.h && this.e !== "rejoining") this.#move("joining");
    } else if (!this.h) {
      this.z();
    }
    this.#client.R(this);
  }
  #wait(what, options, requests, then) {
    const promise = this.#client.A(
      { ...options, r: `${what} ${this.name}` },
      (request) => requests.add(request),
      (request) => {
        requests.delete(request);
        then?.();
      }
    );
    promise.catch(() => {
    });
    return promise;
  }
  #settle(requests, error, value) {
    for (const request of requests) request.f(error, value);
  }
  #move(state) {
    const was = this.e;
    this.e = state;
    if (was === "in" && state !== was) this.membership.d("out");
  }
  #moveTo(place) {
    const { epoch, offset, top = 0 } = place ?? {};
    if (!Number.isSafeInteger(offset) || typeof epoch !== "string") return false;
    this.i = { epoch, offset };
    this.#top = top;
    return true;
  }
  /** @internal It is left, for the server or for want of one. */
  z() {
    this.#move("out");
    this.#settle(this.#leaving);
    this.#settle(this.#joining, new HearthError("closed", `join ${this.name}: the room was left`));
  }
  /** @internal What `since` says of this room; undefined if it should not be named there. */
  get S() {
    const { since = null, recover } = this.c;
    return recover === false ? void 0 : this.i ?? since;
  }
  /** @internal It is joined, and this is where it stands. */
  T(place, confirmed) {
    this.#moveTo(place);
    const { recovered = null, reason } = place ?? {};
    this.t = { recovered, reason, confirmed };
    this.e = "in";
    this.#settle(this.#joining, void 0, this.t);
    this.membership.d("in", this.t);
  }
  /** @internal */
  J(error) {
    if (!error.retryable) this.#move("refused");
    this.#settle(this.#joining, error);
    this.membership.d("refused", error);
  }
  /** @internal The connection is gone. */
  q() {
    this.h = false;
    if (!this.v) this.z();
    else if (this.e === "in") this.#move("rejoining");
  }
  /** @internal The server says that something is missing. */
  U(data) {
    const { reason, epoch, offset, top, skipped } = data;
    if (this.#moveTo(data)) this.membership.d("gap", { reason, epoch, offset, top, skipped });
  }
  /** @internal Has it delivered, but what was already, and moves the position after that. */
  V(message, epoch, former, deliver) {
    const { offset, from } = message;
    const here = this.i;
    if (!here || !Number.isSafeInteger(offset)) return deliver(message);
    const place = { epoch: epoch ?? here.epoch, offset };
    const same = place.epoch === here.epoch;
    if (same && offset <= here.offset) return;
    const replayed = same && offset <= this.#top;
    if (!replayed || !this.#silent || !former.has(from?.id)) deliver(replayed ? { ...message, replayed } : message);
    if (this.i === here) this.i = place;
  }
  /** @internal A snapshot of who is here, or what has changed in it. */
  K({ version, clients, users, members, joined = [], left = [], stale = false }) {
    if (members) {
      this.#members = new Map(members.map((member) => [member.id, member]));
    } else if (!joined.length && !left.length) {
      this.#members = null;
    } else if (version !== this.#version + 1) {
      this.#client.s("presence", { room: this.name }).then((data) => this.K(data), () => {
      });
      return;
    }
    this.#version = version;
    for (const id of left) this.#members?.delete(id);
    for (const member of joined) this.#members?.set(member.id, member);
    this.presence.d(
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
  /** What joins and leaves do with their answers, by their ids. */
  #answers = /* @__PURE__ */ new Map();
  /** Joins that have not been answered, of this connection. */
  #joins = 0;
  #retries = 0;
  #announced = true;
  #connecting = /* @__PURE__ */ new Set();
  /** Names that this client had. */
  #former = /* @__PURE__ */ new Set();
  /** Nothing is opened yet, and no timer runs. */
  constructor(url, options = {}) {
    super(url, options);
    options.signal?.addEventListener("abort", () => this.close());
  }
  /** Resolves at `ready`, rejects at `closed`. `signal` ends the waiting, not the client. */
  connect({ signal } = {}) {
    const { signal: end } = this.c;
    if (!end?.aborted) this.b();
    const promise = this.A({ signal: end?.aborted ? end : signal, timeout: Infinity, r: "connect" }, (request) => {
      this.#connecting.add(request);
      if (this.state === "ready") request.f(void 0, this);
    }, (request) => this.#connecting.delete(request));
    promise.catch(() => {
    });
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
    Object.assign(room.c, options);
    return room;
  }
  /** Sends a message to the application that wants no answer. False, and not sent, if not ready. */
  send(event, data) {
    const text = this.#text({ event, data });
    if (!this.j) return false;
    this.#tell();
    this.y(text);
    return true;
  }
  /** Sends a message to the application that it answers under its id, now or once there is a connection. */
  request(event, data, options) {
    return this.s(event, data, options);
  }
  /** @internal A promise of what somebody will settle. */
  A(terms, started, ended) {
    return new Promise((resolve, reject) => {
      if (this.state === "closed") throw new HearthError("closed", `${terms.r}: the client is closed`, { sent: false });
      const request = this.g.b(terms, (error, value) => {
        ended?.(request);
        if (error === void 0) resolve(value);
        else reject(error);
      });
      started(request);
    });
  }
  /** @internal */
  async s(event, data, options, repeats_) {
    const { queue = 100 } = this.c;
    const { k: waiting_ } = this.g;
    const id_ = this.u();
    const text_ = this.#text({ event, data, id: id_ });
    return this.A({ ...options, r: event, D: id_, W: text_, E: repeats_ }, (request) => {
      if (this.j) {
        waiting_.add(request);
        this.#flush();
      } else if (waiting_.size < queue) {
        waiting_.add(request);
      } else {
        request.f(new HearthError("queue", `${event}: ${queue} requests wait`, { sent: false }));
      }
    });
  }
  #text(envelope) {
    const text = JSON.stringify(envelope);
    const { maxMessage = 131072, encryption: encryption2 } = this.c;
    const most = encryption2 ? maxMessage * 0.75 - 128 : maxMessage;
    const bytes = text.length * 3 > most ? new TextEncoder().encode(text).length : 0;
    if (bytes > most) throw new HearthError("protocol", `message of ${bytes} bytes; the most is ${most}`, { sent: false });
    return text;
  }
  #flush() {
    this.#tell();
    this.g.L(({ W: text_, r: name_ }) => {
      this.y(text_);
      return this.server === "hearth" || name_ !== "publish";
    });
  }
  /** @internal The server is told at the end of the turn, of all rooms in one message. */
  R(room) {
    if (!this.#changed.size) queueMicrotask(() => this.#tell());
    this.#changed.add(room);
  }
  /** Tells the server what has changed. Before everything else that is sent, so that it happens in that order. */
  #tell() {
    if (!this.j) return;
    const leave = [];
    let join = [];
    let size = 0;
    for (const room of this.#changed) {
      if (room.v === room.h) continue;
      if (room.h) {
        leave.push(room);
        continue;
      }
      size += room.name.length;
      if (size > kMostNames) {
        this.#join(join);
        join = [];
        size = 0;
      }
      join.push(room);
    }
    this.#changed.clear();
    this.#join(join);
    if (leave.length) this.#say("leave", leave, {}, () => (room) => room.z());
  }
  #join(rooms) {
    if (!rooms.length) return;
    const since = rooms.map((room) => [room.name, room.S]).filter(([, place]) => place !== void 0);
    const presence = rooms.filter((room) => room.c.presence).map((room) => room.name);
    this.#joins += 1;
    this.#say("join", rooms, {
      // Names such as `__proto__` are no ordinary keys.
      since: since.length ? Object.fromEntries(since) : void 0,
      presence: presence.length ? presence : void 0
    }, (error, data) => {
      this.#joins -= 1;
      return (room) => this.#joined(room, error, data ?? {});
    });
  }
  /** Sends a `join` or `leave`; `answer` gives what is done for each room whose last word it was. */
  #say(event, rooms, more, answer) {
    const id = this.u();
    for (const room of rooms) {
      room.h = event === "join";
      room.H = id;
    }
    this.#answers.set(id, (error, data) => {
      const apply = answer(error, data);
      for (const room of rooms) if (room.H === id) apply(room);
      this.#announce();
    });
    this.x(event, { rooms: rooms.map((room) => room.name), ...more }, id);
    if (this.server === "ignis") this.#answer(id, false);
  }
  #answer(id, error, data) {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    answer?.(error, data);
    return !!answer;
  }
  #joined(room, error, { rooms, codes, code, message, positions }) {
    const at = !error ? -1 : Array.isArray(rooms) ? rooms.indexOf(room.name) : 0;
    const refusal = at < 0 ? void 0 : answered({ code: codes?.[at] ?? code, message, rooms: [room.name] }, true);
    if (!refusal || refusal.code === 207) {
      this.#retries = 0;
      return room.T(
        positions && Object.hasOwn(positions, room.name) ? positions[room.name] : void 0,
        this.server === "hearth"
      );
    }
    room.J(refusal);
    if (!refusal.retryable) return;
    room.h = false;
    this.#changed.add(room);
    this.G("rooms", this.#retries, () => this.#tell());
    this.#retries += 1;
  }
  /** @internal */
  Q(names) {
    for (const room of this.#rooms.values()) {
      if (room.state !== "in" || !names || names.includes(room.name)) continue;
      room.J(new HearthError("refused", `${room.name}: not allowed any more`, { rooms: [room.name] }));
    }
  }
  /** @internal */
  P() {
    this.#former.add(this.id);
    if (this.#former.size > kFormerIds) this.#former.delete(this.#former.values().next().value);
    this.#announced = false;
    this.#flush();
    for (const request of this.#connecting) request.f(void 0, this);
    this.#announce();
  }
  #announce() {
    if (this.#announced || this.#joins || this.state !== "ready") return;
    this.#announced = true;
    const wanted = [...this.#rooms.values()].filter((room) => room.v);
    const resumed = !!wanted.length && wanted.every((room) => room.state === "in" && room.t.recovered);
    this.connection.d("ready", { id: this.id, userId: this.userId, resumed });
  }
  /** @internal */
  q() {
    this.#answers.clear();
    this.#joins = this.#retries = 0;
    for (const room of this.#rooms.values()) {
      room.q();
      this.#changed.add(room);
    }
  }
  /** @internal */
  O({ event, data, id, from, room: name, offset, epoch, skipped }) {
    const error = event === "error";
    if (this.#answer(id, error, data)) return;
    const request = this.g.l.get(id);
    if (request) return request.f(error ? answered(data, true) : void 0, data);
    if (event === "ack") return;
    if (error) return this.connection.d("error", answered(data));
    const about = this.#rooms.get(data?.room);
    if (event === "gap" && about?.position) return about.U(data);
    if (event === "presence" && about?.c.presence) return about.K(data);
    const room = this.#rooms.get(name);
    const deliver = (message2) => {
      this.#messages.d(event, data, message2);
      room?.I.d(event, data, message2);
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
function toBase64(buffer) {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
var fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
function encryption({ info = "ignis-ecdh-p256-aes-256-gcm-v1", optional = false } = {}) {
  return { optional, begin: () => begin(info) };
}
async function begin(info) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Error("no WebCrypto here: browsers have it on https:// and localhost alone");
  const pair = await subtle.generateKey(kCurve, false, ["deriveBits"]);
  let key;
  async function finish({ serverPublicKey, salt }) {
    const server = await subtle.importKey("raw", fromBase64(serverPublicKey), kCurve, false, []);
    const bits = await subtle.deriveBits({ name: "ECDH", public: server }, pair.privateKey, 256);
    const secret = await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
    const derivation = { name: "HKDF", hash: "SHA-256", salt: fromBase64(salt), info: encode(info) };
    key = await subtle.deriveKey(derivation, secret, { name: kCipher, length: 256 }, false, ["encrypt", "decrypt"]);
  }
  async function seal(text) {
    const iv = crypto.getRandomValues(new Uint8Array(kIvBytes));
    const ct = await subtle.encrypt({ name: kCipher, iv }, key, encode(text));
    return JSON.stringify({ event: "encrypted", data: { iv: toBase64(iv), ct: toBase64(ct) } });
  }
  async function open(text) {
    let envelope;
    try {
      envelope = JSON.parse(text);
    } catch {
      return { data: text };
    }
    const { event, data } = envelope ?? {};
    if (event === "connected" && data?.serverPublicKey) await finish(data);
    if (event !== "encrypted" || !key) return { data: text };
    const cipher = { name: kCipher, iv: fromBase64(data.iv) };
    return { data: new TextDecoder().decode(await subtle.decrypt(cipher, key, fromBase64(data.ct))), sealed: text };
  }
  return {
    publicKey: toBase64(await subtle.exportKey("raw", pair.publicKey)),
    wrap(socket, trace) {
      let sealing = Promise.resolve();
      let opening = Promise.resolve();
      const outer = {
        onopen: null,
        onmessage: null,
        onclose: null,
        onerror: null,
        binaryType: "",
        readyState: 0,
        send(text) {
          if (!outer.seals) return socket.send(text);
          sealing = sealing.then(async () => {
            const sealed = await seal(text);
            if (socket.readyState !== 1) return;
            trace("out", text, sealed);
            socket.send(sealed);
          });
        },
        close: (code, reason) => socket.close(code, reason),
        terminate: () => socket.terminate?.()
      };
      const fault = (error) => outer.onerror({ fault: error });
      socket.onopen = () => outer.onopen();
      socket.onerror = (event) => outer.onerror(event);
      socket.onmessage = ({ data }) => {
        opening = opening.then(async () => outer.onmessage(await open(data))).catch(fault);
      };
      socket.onclose = (event) => opening.then(() => outer.onclose(event));
      return outer;
    }
  };
}
export {
  HearthClient,
  HearthError,
  Room,
  encryption
};
