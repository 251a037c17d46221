/** Every snippet of the README runs, against the real server; so do those of docs/clients.md. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from '../node_modules/esbuild/lib/main.js';
import { Hearth } from './stage/programs.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kPages = ['../README.md', '../../../README.md', '../../../docs/clients.md'];

/** What the snippets take for granted: a page, an application, and the client where they go on with it. */
const kSurroundings = `
  import assert from 'node:assert/strict';
  const page = () => new Proxy(() => {}, { get: (_, name) => (name === 'then' ? undefined : page()), apply: () => page(), set: () => true });
  globalThis.status = page();
  globalThis.show = globalThis.sayAloud = globalThis.loadState = async () => {};
  globalThis.fetch = async () => ({ status: 200, ok: true, text: async () => 'ann', json: async () => ({ token: 'ann', position: null }) });
  globalThis.sessionStorage = { getItem: () => null, setItem: () => {} };
  globalThis.addEventListener ??= () => {};
  import { HearthClient as Observed } from '@hearth/client';
  const connected = new Set();
  const { connect } = Observed.prototype;
  Observed.prototype.connect = function (...words) {
    connected.add(this);
    return connect.apply(this, words);
  };
`;
const kClient = `
  import { HearthClient as Client } from '@hearth/client';
  const client = new Client('wss://example.org/ws', { auth: { userId: 'ann' } });
  client.connect();
`;
// What a snippet does after its last await has been answered when a join after that has.
const kEnd = `
  for (const one of connected) if (one.state !== 'closed') await one.room('the end').join();
  process.exit(0);
`;

let folder;
let hearth;

before(async () => {
  hearth = await Hearth.start();
  folder = mkdtempSync(join(tmpdir(), 'hearth-client-docs-'));
  mkdirSync(join(folder, 'node_modules/@hearth'), { recursive: true });
  symlinkSync(here('..'), join(folder, 'node_modules/@hearth/client'));
  for (const name of ['ws', 'react', 'react-dom', 'scheduler']) symlinkSync(here(`node_modules/${name}`), join(folder, 'node_modules', name));
});

after(async () => {
  await hearth?.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** {language, line, code} of each block. */
function blocks(page) {
  const found = [];
  let block = null;
  readFileSync(page, 'utf8').split('\n').forEach((text, at) => {
    const fence = /^```(\w*)$/.exec(text);
    if (!fence) block?.lines.push(text);
    else if (block) {
      found.push({ ...block, code: block.lines.join('\n') });
      block = null;
    } else block = { language: fence[1], line: at + 2, lines: [] };
  });
  return found;
}

const address = (code) => code.replaceAll(/wss:\/\/example\.org\/ws|ws:\/\/127\.0\.0\.1:8080\/ws/g, `ws://127.0.0.1:${hearth.port}/ws`);
const node = ['node-22-linux-x64', 'node-22-linux-arm64'].map((name) => here(`node_modules/${name}/bin/node`));

async function run(name, code) {
  writeFileSync(join(folder, name), address(code));
  const { stderr } = await promisify(execFile)(node[0], [name], { cwd: folder, timeout: 50_000 });
  assert.equal(stderr, '');
}

/** A component is rendered, once and on the server, with a client that is not connected. */
async function render(name, code) {
  const component = /export function (\w+)/.exec(code)[1];
  const { outputFiles: [{ text }] } = await build({
    stdin: {
      contents: `import { createContext, createElement, useEffect, useState } from 'react';
        import { renderToString } from 'react-dom/server';
        import { HearthClient } from '@hearth/client';
        ${code.includes('@hearth/client/react') ? '' : "import { useConnection } from '@hearth/client/react';"}
        ${/^const client =/m.test(code) ? '' : "const client = new HearthClient('wss://example.org/ws');"}
        ${code}
        console.log(renderToString(createElement(${component}, { client, children: null })));
        process.exit(0);`,
      resolveDir: folder, loader: 'jsx',
    },
    bundle: true, preserveSymlinks: true, platform: 'node', format: 'cjs', jsx: 'automatic', write: false, logLevel: 'silent',
  });
  await run(name, text);
}

for (const page of kPages) {
  const all = blocks(here(page)).filter(({ language }) => ['js', 'jsx'].includes(language));
  test(`${page} has snippets`, () => assert.ok(all.length > 0));
  for (const { language, line, code } of all) {
    test(`${page}:${line} runs`, async () => {
      const name = `snippet-${line}`;
      if (language === 'jsx') return render(`${name}.cjs`, code);
      const own = /new HearthClient\(|import .*@hearth/.test(code) ? '' : kClient;
      const imports = /HearthClient\(/.test(code) && !code.includes('import { HearthClient') ? "import { HearthClient } from '@hearth/client';\n" : '';
      return run(`${name}.mjs`, `${kSurroundings}${own}${imports}${code}${kEnd}`);
    });
  }
}
