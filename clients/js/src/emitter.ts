import type { ListenOptions } from './types.ts';

type Handler = (...values: any[]) => void;

/** Has the world know what a handler threw, without stopping for it. */
export function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error);
  else Promise.reject(error);
}

/** Calls a function of the application's; what it throws stops nothing. */
export function guarded<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    report(error);
    return undefined;
  }
}

/** Handlers by the names of events, `*` for all of them. */
export class Emitter<E extends object> {
  #handlers = new Map<string, Set<{ handler: Handler }>>();

  /** Returns what takes the handler away again. */
  on<K extends keyof E & string>(event: K, handler: (...values: E[K] extends any[] ? E[K] : [E[K]]) => void,
    { signal, once }: ListenOptions = {}): () => void {
    if (signal?.aborted) return () => {};
    const entry = { handler: handler as Handler };
    const entries = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, entries.add(entry));
    const off = () => {
      entries.delete(entry);
      signal?.removeEventListener('abort', off);
    };
    if (once) {
      entry.handler = (...values: any[]) => {
        off();
        (handler as Handler)(...values);
      };
    }
    signal?.addEventListener('abort', off);
    return off;
  }

  /** @internal A handler added meanwhile is not called, nor is one that was taken away. */
  emit_(event: string, ...values: any[]): void {
    for (const name of [event, '*']) {
      const entries = this.#handlers.get(name);
      for (const entry of [...entries ?? []]) {
        if (entries!.has(entry)) guarded(() => entry.handler(...values));
      }
    }
  }
}
