/**
 * Listens to what a browser tells about the page and the network; returns what ends it. Elsewhere it listens to what
 * there is.
 * `woke`: the page is looked at again, or the network is back. `offline`: the network is said to be gone.
 * `shelved`: the page is put away whole, and may come back (bfcache).
 */
export function listenForWake(woke: () => void, offline: () => void, shelved: () => void): () => void {
  const heard = ({ type, persisted }: any) => {
    if (type === 'offline') offline();
    else if (type === 'pagehide') persisted && shelved();
    else if (type === 'visibilitychange' ? document.visibilityState === 'visible' : persisted !== false) woke();
  };
  const each = (method: 'addEventListener' | 'removeEventListener') => {
    for (const type of ['online', 'offline', 'pageshow', 'pagehide', 'visibilitychange', 'resume']) {
      // What is of the document comes by here before it gets there.
      globalThis[method]?.(type, heard, { capture: true });
    }
  };
  each('addEventListener');
  return () => each('removeEventListener');
}
