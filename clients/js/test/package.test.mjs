/** The package as it is published: packed, installed into an empty folder, and imported wherever it should be. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildForPages } from '../build.mjs';
import { build } from '../node_modules/esbuild/lib/main.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const tool = (name) => here(`../node_modules/.bin/${name}`);
const run = (command, words, options) => execFileSync(command, words, { encoding: 'utf8', stdio: 'pipe', ...options });
const find = (names) => names.map((name) => here(`node_modules/${name}`)).find(existsSync);

const kSource = `
  import { HearthClient, HearthError } from '@hearth/client';
  import { encryption } from '@hearth/client/encryption';
  const client = new HearthClient('ws://127.0.0.1:1/ws', { encryption: encryption() });
  const error = new HearthError('lost', 'x');
  console.log(client.state, client.room('tea').state, error.kind);
`;

let folder;
let tarball;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-client-package-'));
  [{ filename: tarball }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: here('..') }));
  tarball = join(folder, tarball);
  mkdirSync(join(folder, 'application'));
  writeFileSync(join(folder, 'application/package.json'), '{"private":true,"type":"module"}');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--offline', tarball], { cwd: join(folder, 'application') });
  writeFileSync(join(folder, 'application/main.mjs'), kSource);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('it has what it needs and nothing else, and depends on nothing', () => {
  const installed = join(folder, 'application/node_modules/@hearth/client');
  assert.deepEqual(readdirSync(installed).sort(), ['README.md', 'dist', 'package.json', 'src']);
  assert.deepEqual(readdirSync(join(folder, 'application/node_modules')).filter((name) => !name.startsWith('.')), ['@hearth']);
  const { dependencies, sideEffects } = JSON.parse(readFileSync(join(installed, 'package.json')));
  assert.equal(dependencies, undefined);
  assert.equal(sideEffects, false);
});

const kRuntimes = {
  'Node 20': () => [find(['node-20-linux-x64/bin/node', 'node-20-linux-arm64/bin/node'])],
  'Node 22': () => [find(['node-22-linux-x64/bin/node', 'node-22-linux-arm64/bin/node'])],
  Bun: () => [find(['@oven/bun-linux-x64/bin/bun', '@oven/bun-linux-aarch64/bin/bun'])],
  Deno: () => [find(['@deno/linux-x64-glibc/deno', '@deno/linux-arm64-glibc/deno']), 'run', '--allow-all', '--node-modules-dir=manual', '--quiet'],
};
for (const [name, program] of Object.entries(kRuntimes)) {
  test(`it can be imported and constructed in ${name}, with no WebSocket or page in sight`, () => {
    const [command, ...words] = program();
    assert.equal(run(command, [...words, 'main.mjs'], { cwd: join(folder, 'application') }), 'idle out lost\n');
  });
}

for (const name of ['Node 22', 'Bun', 'Deno']) {
  test(`the sources run as they are in ${name}`, () => {
    const [command, ...words] = kRuntimes[name]();
    const source = `import { HearthClient } from '${here('../src/index.ts')}'; console.log(new HearthClient('ws://x').state);`;
    writeFileSync(join(folder, 'application/source.mjs'), source);
    assert.equal(run(command, [...words, 'source.mjs'], { cwd: join(folder, 'application') }), 'idle\n');
  });
}

test('a bundler takes it, and drops what is not used', async () => {
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents: "import { HearthError } from '@hearth/client'; console.log(HearthError.name);", resolveDir: join(folder, 'application') },
    bundle: true, minify: true, format: 'esm', write: false,
  });
  assert.ok(!text.includes('authenticate') && text.length < 2000, `${text.length} characters`);
});

test('publint and attw find nothing', () => {
  assert.match(run(tool('publint'), ['--strict', tarball]), /All good!/);
  run(tool('attw'), [tarball, '--profile', 'esm-only']);
});

test('what the command has inside is what the sources give', async () => {
  const file = readFileSync(here('../../../web/hearth-client.js'), 'utf8');
  await buildForPages(folder);
  assert.equal(readFileSync(join(folder, 'hearth-client.js'), 'utf8'), file, 'they differ; script/client builds it anew');
});
