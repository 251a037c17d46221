/** One set of behaviours for Node, Bun, Deno and browsers: what they need of a test runner, and not more. */

const kLongest = 60_000;
const behaviours = [];

/** A behaviour, as a sentence about the client. `options`: {only: (surroundings) => boolean, patience: ms}. */
export function test(name, options, run) {
  behaviours.push(typeof options === 'function' ? { name, run: options } : { name, run, ...options });
}

/**
 * Runs them one after the other, or each second, third ... of them, beginning with `part`; `told` gets {name, error, ms} of
 * each. What is left over fails the next best.
 */
export async function runAll(surroundings, told, { filter = /./, part = 0, parts = 1 } = {}) {
  const strays = [];
  surroundings.onStray((error) => strays.push(error));
  const chosen = behaviours.filter(({ name, only }) => filter.test(name) && (!only || only(surroundings)));
  for (const { name, run, patience = kLongest } of chosen.filter((_, at) => at % parts === part)) {
    const began = Date.now();
    const cleanups = [];
    let error;
    let timer;
    try {
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not done after ${patience} ms`)), patience);
      });
      await Promise.race([run({ ...surroundings, after: (cleanup) => cleanups.unshift(cleanup) }), late]);
    } catch (failure) {
      error = failure;
    }
    clearTimeout(timer);
    for (const cleanup of cleanups) await cleanup();
    // Rejections that nobody handles are told of a turn later.
    await new Promise((resolve) => { setTimeout(resolve); });
    error ??= strays[0] && new Error(`nobody caught ${strays[0]?.stack ?? strays[0]}`);
    strays.length = 0;
    await told({ name, ms: Date.now() - began, error: error && `${error.stack ?? error}` });
  }
}

/** Returns once `condition` gives something, and what it gives. */
export async function until(what, condition, patience = 30_000) {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`still waiting until ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
}
