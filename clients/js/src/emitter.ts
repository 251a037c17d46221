import type { ListenOptions } from './types.ts';

/** Calls a function of the application's; what it throws is the world's to know, and stops nothing. */
export function guarded<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else Promise.reject(error);
    return undefined;
  }
}

/** Handlers by the names of events, `*` for all of them. */
export class Emitter<E extends object> {
  #entries = new Set<{ event_: string; call_: (...values: any[]) => void }>();

  /** Returns what takes the handler away again. */
  on<K extends keyof E & string>(event: K, handler: (...values: E[K] extends any[] ? E[K] : [E[K]]) => void,
    { signal, once }: ListenOptions = {}): () => void {
    const entry = {
      event_: event as string,
      call_: (...values: any) => {
        if (once) off();
        handler(...values);
      },
    };
    const off = () => {
      this.#entries.delete(entry);
      signal?.removeEventListener('abort', off);
    };
    if (!signal?.aborted) this.#entries.add(entry);
    signal?.addEventListener('abort', off);
    return off;
  }

  /** @internal A handler added meanwhile is not called, nor is one that was taken away. */
  emit_(event: string, ...values: any[]): void {
    const entries = [...this.#entries];
    for (const name of new Set([event, '*'])) {
      for (const entry of entries) {
        if (entry.event_ === name && this.#entries.has(entry)) guarded(() => entry.call_(...values));
      }
    }
  }
}
