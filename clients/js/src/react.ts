import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { ClientState, ConnectionEvents, EventMap, HearthClient, HearthError, JoinResult, Message, Room,
  RoomState } from './index.ts';

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

const kNowhere: ConnectionView = { state: 'idle', delay: null, error: null };
const views = new WeakMap<object, any>();

/** A view that stays the same object until something of it changes. */
function view<T extends object>(of: object, next: T): T {
  const last = views.get(of);
  if (last && Object.entries(next).every(([key, value]) => Object.is(last[key], value))) return last;
  views.set(of, next);
  return next;
}

/** Renders again when the state of the connection changes. */
export function useConnection(client: HearthClient<any>): ConnectionView {
  return useSyncExternalStore(
    (changed) => {
      const see = (event: keyof ConnectionEvents, seen: (value: any) => object) =>
        client.connection.on(event, (value: any) => {
          view(client, { ...kNowhere, ...views.get(client), ...seen(value) });
          changed();
        });
      const offs = [
        see('state', (state) => ({ state })),
        see('waiting', ({ delay, cause }) => ({ delay, error: cause })),
        see('closed', (error) => ({ error })),
      ];
      return () => offs.forEach((off) => off());
    },
    () => {
      // What was seen last may be old: nobody looked meanwhile.
      const { state } = client;
      const { delay, error } = views.get(client) ?? kNowhere;
      return view(client, { state, delay: state === 'waiting' ? delay : null, error: state === 'ready' ? null : error });
    },
    () => kNowhere,
  );
}

/** Is in the room while the component is there, and renders again when that changes. */
export function useRoom<E extends EventMap = EventMap>(client: HearthClient<any>, name: string,
  { on = {} }: { on?: { [K in keyof E & string]?: Handler<E[K]> } } = {}): RoomView<E> {
  const room = client.room<E>(name);
  const handlers = useRef<any>(on);
  useEffect(() => {
    handlers.current = on;
  });
  useEffect(() => {
    const off = room.on('*', (data: any, message: any) => handlers.current[message.event]?.(data, message));
    const release = room.hold();
    return () => {
      off();
      release();
    };
  }, [room]);
  return useSyncExternalStore(
    (changed) => {
      const offs = [
        room.membership.on('in', ({ recovered }: JoinResult) => {
          view(room, { room, state: room.state, recovered });
          changed();
        }),
        room.membership.on('out', changed),
        room.membership.on('refused', changed),
      ];
      return () => offs.forEach((off) => off());
    },
    () => view(room, { room, state: room.state, recovered: views.get(room)?.recovered ?? null }),
    () => view(room, { room, state: room.state, recovered: null }),
  );
}

/** Hears an event of a client or a room; always calls the handler of the last rendering. */
export function useEvent<E extends EventMap, K extends keyof E & string>(source: HearthClient<E> | Room<E>, event: K | '*',
  handler: (data: E[K], message: Message<K, E[K]>) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => (source as Room<E>).on<K>(event, (data, message) => latest.current(data, message)), [source, event]);
}
