/** Waiting, and chance out of a seed. */

export const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, ms)); });

/** For what has to come on any machine. */
const kPatience = 60_000;

export async function until(what, condition, patience = kPatience) {
  const deadline = Date.now() + patience;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`still waiting until ${what}`);
    await wait(10);
  }
}

/** Numbers from 0 to 1 out of a seed (mulberry32). */
export function stream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
