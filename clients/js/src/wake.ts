/**
 * Listens to what a browser tells about the page and the network, until `signal`. Elsewhere it listens to what there is.
 * `woke`: the page is looked at again, or the network is back. `offline`: the network is said to be gone.
 * `shelved`: the page is put away whole, and may come back (bfcache).
 */
export function listenForWake(signal: AbortSignal, woke: () => void, offline: () => void, shelved: () => void): void {
  const handlers = {
    online: woke,
    resume: woke,
    offline,
    visibilitychange: () => document.hidden || woke(),
    pageshow: ({ persisted }: any) => persisted && woke(),
    pagehide: ({ persisted }: any) => persisted && shelved(),
  };
  for (const [type, heard] of Object.entries(handlers)) {
    // What is of the document comes by here before it gets there.
    globalThis.addEventListener?.(type, heard, { capture: true, signal });
  }
}
