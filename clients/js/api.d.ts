// index
export { HearthClient } from './client.ts';
export { HearthError } from './error.ts';
export { Room } from './room.ts';
export type { ErrorDetails, ErrorKind } from './error.ts';
export type * from './types.ts';

// client
import { Link } from './link.ts';
import { Room } from './room.ts';
import type { EventMap, RequestOptions, RoomOptions } from './types.ts';
/** One connection to Hearth, or Ignis, that comes back by itself, and what is sent and heard over it: `on`. */
export declare class HearthClient<E extends EventMap = EventMap> extends Link<E> {
    #private;
    /** Resolves at `ready`, rejects at `closed`. `signal` ends the waiting, not the client. */
    connect({ signal }?: {
        signal?: AbortSignal;
    }): Promise<this>;
    /** The same object for the same name; `options` are taken over. */
    room<R extends EventMap = E>(name: string, options?: RoomOptions): Room<R>;
    /** Sends a message to the application that wants no answer. False, and not sent, if not ready. */
    send(event: string, data?: unknown): boolean;
    /** Sends a message to the application that it answers under its id, now or once there is a connection. */
    request<T = unknown>(event: string, data?: unknown, options?: RequestOptions): Promise<T>;
}

// link
import { Emitter } from './emitter.ts';
import type { ClientOptions, ClientState, ConnectionEvents, EventMap, Heard, ServerKind } from './types.ts';
export interface Envelope {
    readonly event: string;
    readonly data?: any;
    readonly id?: any;
    readonly [key: string]: any;
}
/**
 * A connection that comes back: the states of docs/clients.md, their timers, and what is sent to stay alive. One file,
 * for it is one machine: what a timer does depends on the state, and the state on the timers.
 */
export declare abstract class Link<E extends EventMap> extends Emitter<Heard<E>> {
    #private;
    readonly state: ClientState;
    /** The server's name for this connection; null while not ready. */
    readonly id: string | null;
    readonly userId: string | null;
    /** Which server it is; null until that is known. */
    readonly server: ServerKind | null;
    /** What becomes of the connection; never mixed with the application's events. */
    readonly connection: Emitter<ConnectionEvents>;
    /** Nothing is opened yet, and no timer runs. */
    constructor(url: string | (() => string | Promise<string>), options?: ClientOptions);
    /** Now, whatever the back-off says. */
    reconnect(): void;
    /** For good, or until `connect`. Rooms that are wanted stay wanted. */
    close(code?: number, reason?: string): void;
    [Symbol.dispose](): void;
}

// room
import { Emitter } from './emitter.ts';
import type { EventMap, Heard, HistoryPage, JoinResult, MembershipEvents, Position, Presence, PublishOptions, RequestOptions, RoomState } from './types.ts';
/** A room, wanted or not, what is known of it, and messages that name it, which Hearth's do. Made by `client.room()`. */
export declare class Room<E extends EventMap = EventMap> extends Emitter<Heard<E>> {
    #private;
    readonly name: string;
    readonly state: RoomState;
    /** How far this client has got, for a later `since`; null where no history is kept. */
    readonly position: Position | null;
    readonly membership: Emitter<MembershipEvents>;
    readonly presence: Emitter<{
        change: Presence;
    }>;
    /** Becomes a member, and stays one over reconnects until `leave`. Timed out, it goes on trying. */
    join(options?: RequestOptions): Promise<JoinResult>;
    leave(options?: RequestOptions): Promise<void>;
    /** Keeps this client in the room until what it returns is called, also beside others that do so. */
    hold(): () => void;
    /** Resolves once the server has it, and every history that keeps it. */
    publish(event: string, data?: unknown, options?: PublishOptions): Promise<void>;
    /** What was said, as far as it is kept; of members' business. */
    history(options?: {
        after?: number;
        before?: number;
        limit?: number;
    } & RequestOptions): Promise<HistoryPage>;
}

// emitter
import type { ListenOptions } from './types.ts';
/** Calls a function of the application's; what it throws is the world's to know, and stops nothing. */
export declare function guarded<T>(call: () => T): T | undefined;
/** Handlers by the names of events, `*` for all of them. */
export declare class Emitter<E extends object> {
    #private;
    /** Returns what takes the handler away again. */
    on<K extends keyof E & string>(event: K, handler: (...values: E[K] extends any[] ? E[K] : [E[K]]) => void, { signal, once }?: ListenOptions): () => void;
}

// error
/** Why something did not come about; docs/clients.md has the table. */
export type ErrorKind = 'timeout' | 'lost' | 'closed' | 'auth' | 'refused' | 'unavailable' | 'request' | 'queue' | 'protocol' | 'encryption';
export interface ErrorDetails {
    /** The server's number for it (docs/protocol.md, Answers to requests). */
    code?: number;
    /** Of a request: whether it has left, so that it may have been carried out. */
    sent?: boolean;
    /** The rooms that were refused. */
    rooms?: string[];
    /** How the connection ended. */
    close?: Close;
    cause?: unknown;
    /** Whether the same again may succeed. */
    retryable?: boolean;
}
export interface Close {
    readonly code: number;
    readonly reason: string;
}
/** Everything that this package rejects with or reports. */
export declare class HearthError extends Error {
    readonly kind: ErrorKind;
    readonly code?: number;
    readonly sent?: boolean;
    readonly rooms?: string[];
    readonly close?: Close;
    readonly cause?: unknown;
    readonly retryable: boolean;
    constructor(kind: ErrorKind, message: string, details?: ErrorDetails);
    /** A page may hold this package twice, bundled into two of its parts. */
    static [Symbol.hasInstance](value: any): boolean;
}
/** What an `error` of the server's stands for. */
export declare function answered(data: any, sent?: boolean): HearthError;

// types
import type { Close, HearthError } from './error.ts';
import type { Emitter } from './emitter.ts';
/** Data by the names of events. */
export type EventMap = Record<string, any>;
export type ClientState = 'idle' | 'connecting' | 'authenticating' | 'ready' | 'waiting' | 'closed';
export type RoomState = 'out' | 'joining' | 'in' | 'rejoining' | 'refused';
export type ServerKind = 'hearth' | 'ignis';
/** A place in what was said in a room. Opaque, to be handed back. */
export interface Position {
    readonly epoch: string;
    readonly offset: number;
}
/** A message as it came. */
export interface Message<K = string, D = any> {
    readonly event: K;
    readonly data: D;
    /** Who published it, if it was a client. */
    readonly from?: {
        readonly id: string;
        readonly userId?: string;
    };
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
export interface Member {
    readonly id: string;
    readonly userId?: string;
    readonly info?: any;
}
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
export interface ListenOptions {
    signal?: AbortSignal;
    once?: boolean;
}
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
    since?: Position | {
        readonly last: number;
    };
    /** False: no positions, nothing is delivered again. */
    recover?: boolean;
    /** To be told who is here. */
    presence?: boolean;
}
export type AuthReason = 'connect' | 'refused' | 'expiring' | 'expired';
export type AuthFunction = (ask: {
    reason: AuthReason;
    signal: AbortSignal;
}) => object | null | Promise<object | null>;
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
    backoff?: {
        min?: number;
        max?: number;
    };
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
    ready: {
        id: string;
        userId: string | null;
        resumed: boolean;
    };
    /** The next attempt follows in `delay` ms; Infinity: once the page is shown again. */
    waiting: {
        delay: number;
        cause: HearthError;
        attempt: number;
    };
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
    [K in (keyof E & string) | '*']: [
        data: E[K extends keyof E ? K : string & keyof E],
        message: Message<K extends keyof E ? K : string & keyof E, E[K extends keyof E ? K : string & keyof E]>
    ];
};
export type { Emitter };

// encryption
import type { Encryption } from './types.ts';
export interface EncryptionOptions {
    /** The info of HKDF, as the server has it. */
    info?: string;
    /** Also connects to servers that do not encrypt. */
    optional?: boolean;
}
/**
 * The option `encryption` of a client: a key of each connection's own, agreed on with the server (docs/encryption.md).
 * Browsers do cryptography on pages that came over TLS or from this computer, and on no others.
 */
export declare function encryption({ info, optional }?: EncryptionOptions): Encryption;

// react
import type { ClientState, EventMap, HearthClient, HearthError, Message, Room, RoomState } from './index.ts';
type Handler<D> = (data: D, message: Message<string, D>) => void;
/** What a component sees of a connection. */
export interface ConnectionView {
    readonly state: ClientState;
    /** Milliseconds from one attempt to the next, while waiting. */
    readonly delay: number | null;
    /** What ended the last connection, until the next one is ready. */
    readonly error: HearthError | null;
}
export interface RoomView<E extends EventMap> {
    readonly room: Room<E>;
    readonly state: RoomState;
    /** As the last join told it; null before. */
    readonly recovered: boolean | null;
}
/** Renders again when the state of the connection changes. */
export declare function useConnection(client: HearthClient<any>): ConnectionView;
/** Is in the room while the component is there, and renders again when that changes. */
export declare function useRoom<E extends EventMap = EventMap>(client: HearthClient<any>, name: string, { on }?: {
    on?: {
        [K in keyof E & string]?: Handler<E[K]>;
    };
}): RoomView<E>;
/** Hears an event of a client or a room; always calls the handler of the last rendering. */
export declare function useEvent<E extends EventMap, K extends keyof E & string>(source: HearthClient<E> | Room<E>, event: K | '*', handler: (data: E[K], message: Message<K, E[K]>) => void): void;
export {};
