/**
 * Listens to what a browser tells about the page and the network; returns what ends it. Where there is no page it
 * listens to what there is.
 * `woke`: the page is looked at again, or the network is back. `offline`: the network is said to be gone.
 * `shelved`: the page is put away whole, and may come back (bfcache).
 */
export function listenForWake(woke: () => void, offline: () => void, shelved: () => void): () => void {
  const page: Document | undefined = globalThis.document;
  const handlers: [EventTarget | undefined, string, (event: any) => void][] = [
    [globalThis, 'online', woke],
    [globalThis, 'offline', offline],
    [globalThis, 'pageshow', ({ persisted }) => persisted && woke()],
    [globalThis, 'pagehide', ({ persisted }) => persisted && shelved()],
    [page, 'visibilitychange', () => page!.visibilityState === 'visible' && woke()],
    [page, 'resume', woke],
  ];
  for (const [target, type, handler] of handlers) target?.addEventListener?.(type, handler);
  return () => {
    for (const [target, type, handler] of handlers) target?.removeEventListener?.(type, handler);
  };
}
