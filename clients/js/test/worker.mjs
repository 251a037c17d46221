/** Runs behaviours in this runtime and tells the stage how they went. Arguments: its URL, what this is, a filter, part, parts. */
import * as client from '../dist/index.js';
import { encryption } from '../dist/encryption.js';
import { StageLink } from './actors.mjs';
import { runAll } from './runner.mjs';
import './behaviours/all.mjs';

const browser = typeof document !== 'undefined';
const [url, kind, filter, part, parts] = browser ? globalThis.kArguments
  : (globalThis.Deno?.args ?? process.argv.slice(2));
// Node 20 has none of its own.
const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket;

function onStray(handler) {
  if (globalThis.addEventListener) {
    globalThis.addEventListener('unhandledrejection', (event) => {
      event.preventDefault();
      handler(event.reason);
    });
    globalThis.addEventListener('error', (event) => {
      event.preventDefault();
      handler(event.error ?? event.message);
    });
  }
  if (!browser) {
    process.on('unhandledRejection', handler);
    process.on('uncaughtException', handler);
  }
}

const link = await StageLink.open(url, WebSocket);
const surroundings = { ...client, encryption, kind, browser, WebSocket, link, onStray };
let failed = 0;
await runAll(surroundings, async (result) => {
  if (result.error) failed += 1;
  link.tell({ op: 'report', args: [result] });
}, { filter: new RegExp(filter), part: Number(part), parts: Number(parts) });
await link.ask({ op: 'report', args: [{ done: true, failed }] });
if (!browser) process.exit(failed > 0 ? 1 : 0);
