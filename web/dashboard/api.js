/** Requests to the API that this page came from. */

const kPatience = 10_000;

/** What went wrong with a request; `message` is a sentence for people. `status` is 0 if there was no answer. */
class ApiError extends Error {
  constructor(status, code, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** The session has ended, or there has been none. */
  get isSignedOut() {
    return this.status === 401;
  }
}

/** Told when the server no longer knows who this is. */
export const signedOut = new EventTarget();

async function problemOf(response) {
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // What answers is not the API, a proxy perhaps: the status has to do.
  }
  const seconds = Number(response.headers.get('Retry-After'));
  return new ApiError(
    response.status,
    problem.code ?? 'unknown',
    problem.detail ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    seconds > 0 ? seconds : null,
  );
}

async function answerTo(path, request, signal) {
  const patience = AbortSignal.timeout(kPatience);
  try {
    const response = await fetch(path, { ...request, signal: signal ? AbortSignal.any([signal, patience]) : patience });
    if (!response.ok) throw await problemOf(response);
    return await response.json();
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    if (patience.aborted) throw new ApiError(0, 'timeout', 'The server has not answered for 10 seconds');
    if (error instanceof SyntaxError) throw new ApiError(0, 'malformed', 'What the server answered is no JSON');
    throw new ApiError(0, 'unreachable', 'The server cannot be reached');
  }
}

async function call(path, request, signal) {
  try {
    return await answerTo(path, request, signal);
  } catch (error) {
    if (error.isSignedOut && path !== '/api/session') signedOut.dispatchEvent(new Event('signedout'));
    throw error;
  }
}

/** `path` with those parameters that have a value. */
export function withQuery(path, query = {}) {
  const parameters = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== null && value !== '' && value !== undefined),
  );
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** A name as a segment of a path. */
export const segment = (name) => encodeURIComponent(name.toWellFormed());

export function get(path, query, signal) {
  return call(withQuery(path, query), { headers: { Accept: 'application/json' } }, signal);
}

export function post(path, body, signal) {
  const headers = { 'Content-Type': 'application/json', 'X-Hearth-Request': '1' };
  return call(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, signal);
}

/** What the server says against opening a stream, which a browser does not tell; null if nothing. */
export async function problemWith(path) {
  const ending = new AbortController();
  try {
    const response = await fetch(path, { signal: ending.signal });
    return response.ok ? null : await problemOf(response);
  } catch {
    return null;
  } finally {
    ending.abort();
  }
}

/** Asks all instances, or this one where they cannot be asked. `answer.onlyHere` is true then. */
export async function getFromAll(path, query, signal) {
  try {
    return await get(path, { ...query, scope: 'cluster' }, signal);
  } catch (error) {
    if (error.code !== 'not_available') throw error;
    return { ...(await get(path, query, signal)), onlyHere: true };
  }
}

/** A request that has no body, and changes something. */
export function del(path, signal) {
  return call(path, { method: 'DELETE', headers: { 'X-Hearth-Request': '1' } }, signal);
}

export function signIn(key) {
  return post('/api/session', { key });
}

export function signOut() {
  return del('/api/session');
}

export const askSession = (signal) => get('/api/session', {}, signal);
