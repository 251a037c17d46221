/** What the behaviours use of node:assert/strict, for browsers. */

const show = (value) => {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
};

function fail(message, standard) {
  throw message instanceof Error ? message : new Error(message ?? standard);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

export function ok(value, message) {
  if (!value) fail(message, `${show(value)} is not true`);
}

export function equal(actual, expected, message) {
  if (!Object.is(actual, expected)) fail(message, `${show(actual)} is not ${show(expected)}`);
}

export function notEqual(actual, other, message) {
  if (Object.is(actual, other)) fail(message, `it is ${show(other)}`);
}

export function deepEqual(actual, expected, message) {
  if (!same(actual, expected)) fail(message, `${show(actual)}\nis not\n${show(expected)}`);
}

export function match(text, pattern, message) {
  if (!pattern.test(text)) fail(message, `${show(text)} does not match ${pattern}`);
}

function check(error, expected) {
  if (typeof expected === 'function') return ok(expected(error), `unexpected ${error?.stack ?? error}`);
  for (const [key, value] of Object.entries(expected ?? {})) {
    if (value instanceof RegExp) match(String(error[key]), value);
    else if (!same(error[key], value)) fail(undefined, `${key} is ${show(error[key])}, not ${show(value)} (${error?.stack})`);
  }
}

export async function rejects(promise, expected) {
  let error;
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (failure) {
    error = failure;
    return check(failure, expected);
  }
  return fail(undefined, `it did not reject, but for ${show(error)}`);
}

export function throws(call, expected) {
  try {
    call();
  } catch (error) {
    return check(error, expected);
  }
  return fail(undefined, 'it did not throw');
}

export default { ok, equal, notEqual, deepEqual, match, rejects, throws };
