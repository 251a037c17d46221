/** The types: that they allow what they should and refuse the rest, and that they are what they were. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

test('what is allowed compiles, and what is not does not', () => {
  try {
    execFileSync(here('../node_modules/.bin/tsc'), ['--project', here('tsconfig.json')], { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test('the public declarations are those of api.d.ts', () => {
  const files = ['index', 'client', 'link', 'room', 'emitter', 'error', 'types', 'encryption', 'react'];
  const declared = files.map((file) => `// ${file}\n${readFileSync(here(`../dist/${file}.d.ts`), 'utf8')}`).join('\n');
  assert.equal(declared, readFileSync(here('../api.d.ts'), 'utf8'),
    'they differ; if that is meant, script/client writes them down');
});
