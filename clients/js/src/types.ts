import type { Close, HearthError } from './error.ts';
import type { Emitter } from './emitter.ts';

/** Data by the names of events. */
export type EventMap = Record<string, any>;

export type ClientState = 'idle' | 'connecting' | 'authenticating' | 'ready' | 'waiting' | 'closed';
export type RoomState = 'out' | 'joining' | 'in' | 'rejoining' | 'refused';
export type ServerKind = 'hearth' | 'ignis';

/** A place in what was said in a room. Opaque, to be handed back. */
export interface Position { readonly epoch: string; readonly offset: number }

/** A message as it came. */
export interface Message<K = string, D = any> {
  readonly event: K;
  readonly data: D;
  /** Who published it, if it was a client. */
  readonly from?: { readonly id: string; readonly userId?: string };
  /** The room that it was sent to, if the server says so. */
  readonly room?: string;
  /** Its place in the room's history. */
  readonly offset?: number;
  /** It was said before this client joined, or joined again. */
  readonly replayed?: boolean;
  /** How many before it were left out for this client, because it read too slowly. */
  readonly skipped?: number;
}

export interface JoinResult {
  /** Everything since the position was delivered, or is about to be; null: nothing is kept here, or none was given. */
  readonly recovered: boolean | null;
  /** Why not, where not (docs/clients.md). */
  readonly reason?: string;
  /** Whether the server said so; Ignis says nothing. */
  readonly confirmed: boolean;
}

/** The server has told that something is missing. The room goes on after `offset`, if it keeps a history. */
export interface Gap {
  readonly reason: string;
  readonly epoch?: string;
  readonly offset?: number;
  readonly top?: number;
  readonly skipped?: number;
}

export interface Member { readonly id: string; readonly userId?: string; readonly info?: any }

/** Who is in a room, after each change. */
export interface Presence {
  readonly clients: number;
  readonly users: number;
  /** Null if there are too many, or only numbers are told. */
  readonly members: readonly Member[] | null;
  readonly joined: readonly Member[];
  /** Ids of clients. */
  readonly left: readonly string[];
  /** The server is cut off from others and tells what it last knew. */
  readonly stale: boolean;
}

export interface HistoryPage {
  readonly epoch: string;
  readonly top: number;
  readonly first: number;
  readonly publications: readonly Message[];
}

export interface ListenOptions { signal?: AbortSignal; once?: boolean }

export interface RequestOptions {
  /** Gives up, and rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds; the client's `timeout` if not given. */
  timeout?: number;
}

export interface PublishOptions extends RequestOptions {
  /** False: not to this client itself. */
  echo?: boolean;
  /** What a room that keeps the newest only keeps the newest of. */
  key?: string;
  /** The same key within 5 min is the same publication. */
  idempotencyKey?: string;
}

export interface RoomOptions {
  /** Where to begin: a position that came with the application's own page, or the last so many. */
  since?: Position | { readonly last: number };
  /** False: no positions, nothing is delivered again. */
  recover?: boolean;
  /** To be told who is here. */
  presence?: boolean;
}

export type AuthReason = 'connect' | 'refused' | 'expiring' | 'expired';
export type AuthFunction = (ask: { reason: AuthReason; signal: AbortSignal }) => object | null | Promise<object | null>;

/** Made by `encryption()` of `@hearth/client/encryption`. */
export interface Encryption {
  /** Whether a server without encryption is accepted. */
  readonly optional: boolean;
  /** Makes the keys of one connection. */
  begin(): Promise<KeyAgreement>;
}

export type Trace = (direction: 'in' | 'out', text: string, sealed?: string) => void;

export interface KeyAgreement {
  /** For the data of `authenticate`. */
  readonly publicKey: string;
  /** What was sealed in a message that came; undefined if nothing was. Takes the server's key from `connected`. */
  open(text: string): Promise<string | undefined>;
  /** What is sent in place of a text. */
  seal(text: string): Promise<string>;
}

/** What this package needs of a WebSocket, as browsers have it, and `ws`. */
export interface SocketLike {
  onopen: any;
  onmessage: any;
  onclose: any;
  onerror: any;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface ClientOptions {
  /** The data of `authenticate`. A function is asked for every attempt; null: nobody is allowed in. */
  auth?: object | AuthFunction;
  encryption?: Encryption;
  /** Where there is none: the one of `ws`, for example. */
  WebSocket?: new (url: string) => SocketLike;
  /** Closes the client. */
  signal?: AbortSignal;
  /** Milliseconds between attempts, 1000 to 30000 if not given; full jitter. */
  backoff?: { min?: number; max?: number };
  /** Milliseconds that a request may take; 10000. */
  timeout?: number;
  /** Milliseconds of silence after which a heartbeat is sent; 25000, and less than the server's `heartbeat_timeout`. */
  heartbeat?: number;
  /** Requests that may wait for a connection; 100. */
  queue?: number;
  /** Bytes that a message may have; 131072, the server's `max_payload_length`. */
  maxMessage?: number;
  /** Which server it is, if it need not be found out. */
  server?: ServerKind;
  /** For close codes that do not decide it by themselves. */
  shouldReconnect?: (close: Close) => boolean;
  /** Sees every message; `sealed` is what was on the wire in place of an encrypted one. */
  trace?: Trace;
}

/** What becomes of the connection. */
export interface ConnectionEvents {
  state: [state: ClientState, previous: ClientState];
  /** Connected, and the rooms have been joined. `resumed`: no room has missed anything. */
  ready: { id: string; userId: string | null; resumed: boolean };
  /** The next attempt follows in `delay` ms; Infinity: once the page is shown again. */
  waiting: { delay: number; cause: HearthError; attempt: number };
  closed: HearthError;
  /** What no promise has carried. */
  error: HearthError;
  /** A timer was so many ms late: the page or the computer slept. */
  late: number;
}

export interface MembershipEvents {
  in: JoinResult;
  out: void;
  refused: HearthError;
  gap: Gap;
}

/** What handlers of an application's events get, of a client or a room; `*` is for all of them. */
export type Heard<E extends EventMap> = {
  [K in (keyof E & string) | '*']: [data: E[K extends keyof E ? K : string & keyof E],
    message: Message<K extends keyof E ? K : string & keyof E, E[K extends keyof E ? K : string & keyof E]>];
};

export type { Emitter };
