// What openapi.json says, by the rules of OpenAPI 3.1. TEST_COMMAND names the command.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createConfig, lintFromString } from '@redocly/openapi-core';

const command = process.env.TEST_COMMAND ?? new URL('../../build/release/app/hearth', import.meta.url).pathname;

/** What the server of a folder says at `path`, once it runs. */
async function ask(folder, path) {
  const server = spawn(command, ['serve'], {
    cwd: folder,
    env: { ...process.env, HEARTH_SERVER_LISTEN: '127.0.0.1:0', HEARTH_API_LISTEN: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      if (!line.startsWith('API on ')) continue;
      const answer = await fetch(`http://${line.slice('API on '.length)}${path}`);
      return await answer.text();
    }
    throw new Error('the server has ended');
  } finally {
    server.kill('SIGINT');
    await ended;
  }
}

test('openapi.json is OpenAPI, and good by the rules that are recommended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-openapi-'));
  try {
    await writeFile(join(folder, 'hearth.toml'), '[auth]\nanonymous = true\n', { mode: 0o600 });
    const source = await ask(folder, '/api/openapi.json');
    // Who publishes the document says what its licence is, and a path that answers everybody need have no 4xx.
    const config = await createConfig({
      extends: ['recommended'],
      rules: { 'info-license': 'off', 'operation-4xx-response': 'error' },
    });
    const problems = await lintFromString({ source, config });
    assert.deepEqual(
      problems.map((problem) => `${problem.ruleId}: ${problem.message} ${problem.location[0]?.pointer}`),
      [],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
