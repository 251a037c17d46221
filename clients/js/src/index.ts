export { HearthClient } from './client.ts';
export { HearthError } from './error.ts';
export { Room } from './room.ts';
export type { ErrorDetails, ErrorKind } from './error.ts';
export type * from './types.ts';
