import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { ClientState, Emitter, EventMap, HearthClient, HearthError, Message, Room, RoomState } from './index.ts';

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

/** What a source says of itself; looked at again with each of its events. */
function useSeen<T>(source: { on(event: any, handler: () => void): () => void }, read: () => T, onServer: T): T {
  return useSyncExternalStore((changed) => source.on('*', changed), read, () => onServer);
}

/** Renders again when the state of the connection changes. */
export function useConnection(client: HearthClient<any>): ConnectionView {
  const state = useSeen(client.connection, () => client.state, 'idle');
  const ended = useSeen(client.connection, () => client.ended_, null);
  return {
    state,
    delay: state === 'waiting' ? ended?.delay ?? null : null,
    error: state === 'ready' ? null : ended?.cause ?? null,
  };
}

/** Is in the room while the component is there, and renders again when that changes. */
export function useRoom<E extends EventMap = EventMap>(client: HearthClient<any>, name: string,
  { on = {} }: { on?: { [K in keyof E & string]?: Handler<E[K]> } } = {}): RoomView<E> {
  const room = client.room<E>(name);
  useEvent(room, '*', (data, message) => on[message.event]?.(data, message));
  useEffect(() => room.hold(), [room]);
  const state = useSeen(room.membership, () => room.state, 'out');
  const { recovered } = useSeen(room.membership, () => room.result_, room.result_);
  return { room, state, recovered };
}

/** Hears an event of a client or a room; always calls the handler of the last rendering. */
export function useEvent<E extends EventMap, K extends keyof E & string>(source: HearthClient<E> | Room<E>, event: K | '*',
  handler: (data: E[K], message: Message<K, E[K]>) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => (source as Emitter<any>).on(event, (data, message) => latest.current(data, message)), [source, event]);
}
