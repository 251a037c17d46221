/** What a page has to load: each export, minified and compressed, is at most what budget.json allows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from '../node_modules/esbuild/lib/main.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kFiles = { '.': 'index', './encryption': 'encryption', './react': 'react' };
const budget = JSON.parse(readFileSync(here('../budget.json')));

/** As of somebody who imports all of these. */
async function size(files) {
  const { outputFiles: [{ contents }] } = await build({
    stdin: { contents: files.map((file) => `export * from './${file}.js';`).join('\n'), resolveDir: here('../dist') },
    bundle: true, minify: true, format: 'esm', target: 'es2022', external: ['react'], write: false,
  });
  return gzipSync(contents, { level: 9 }).length;
}

for (const [name, most] of Object.entries(budget)) {
  test(`${name} has at most ${most} bytes`, async (t) => {
    const bytes = await size(name === 'all' ? Object.values(kFiles) : [kFiles[name]]);
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= most, `${bytes} bytes`);
  });
}

test('the README tells these numbers', () => {
  const readme = readFileSync(here('../README.md'), 'utf8');
  for (const [name, most] of Object.entries(budget)) {
    const told = name === 'all' ? 'all three' : `\`@hearth/client${name.slice(1)}\``;
    assert.ok(readme.includes(`| ${told} | ${(most / 1024).toFixed(2).replace(/\.?0+$/, '')} KiB |`), name);
  }
});
