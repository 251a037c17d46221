/** Where one is: the part of the address behind `#`, such as `#/rooms/news?by=bytes`. */

/** A link to a page: segments, which may be names from outside, and parameters. */
export function placeOf(segments, query = {}) {
  const path = segments.map((part) => encodeURIComponent(part.toWellFormed())).join('/');
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${path}${parameters.size > 0 ? `?${parameters}` : ''}`;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What placeOf has put together. */
export function readPlace(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return { segments: path === '' ? [] : path.split('/').map(decoded), query: new URLSearchParams(query) };
}

export const roomPlace = (room) => placeOf(['rooms', room]);
export const clientPlace = (id) => placeOf(['clients', id]);
export const userPlace = (user) => placeOf(['users', user]);
