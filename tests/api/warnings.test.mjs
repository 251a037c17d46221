// What somebody should look at, before it is too late.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { kOpen, Server } from './support.mjs';

/** Asks for samples until the last one warns of this; what it says. */
async function warning(server, code) {
  for (;;) {
    const { body } = await server.ask('/api/samples');
    const found = body.samples.at(-1)?.warnings.find((one) => one.code === code);
    if (found) return found.detail;
  }
}

test('a certificate that is near its end is warned of, and its end is in /metrics', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-certificate-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const make = (days) =>
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', days,
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-out', cert, '-keyout', key], { stdio: 'ignore' });
  make('5');
  const end = new Date(execFileSync('openssl', ['x509', '-enddate', '-noout', '-in', cert]).toString().split('=')[1]);
  const server = await Server.start(t, `${kOpen}\n[[server.tls.certificates]]\ncert = "${cert}"\nkey = "${key}"\n`);
  const ends = async () => {
    const { body } = await server.ask('/metrics');
    const line = body.split('\n').find((one) => one.startsWith('hearth_tls_certificate_expiry_timestamp_seconds{'));
    assert.ok(line.includes(`certificate="${cert}"`), line);
    return Number(line.split(' ').at(-1));
  };
  assert.equal(await ends(), end / 1000);
  const detail = await warning(server, 'certificate_ends');
  assert.equal(detail, `the certificate ${cert} ends at ${end.toISOString().replace('.000Z', 'Z')}`);

  make('300');
  server.signal('SIGHUP');
  while ((await ends()) === end / 1000);
  let body;
  do ({ body } = await server.ask('/api/samples'));
  while (body.samples.at(-1).warnings.length > 0);
});

test('keys that do not come are warned of, and of whom', async (t) => {
  const issuer = createServer((request, response) => {
    response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  t.after(() => {
    issuer.close();
    issuer.closeAllConnections();
  });
  const server = await Server.start(
    t,
    `[[auth.jwt]]
jwks_url = "http://127.0.0.1:${issuer.address().port}/jwks"
algorithms = ["ES256"]
issuer = "https://issuer.example"
audience = "hearth"
`,
  );
  const detail = await warning(server, 'keys_failing');
  assert.equal(detail, 'the keys of https://issuer.example cannot be fetched; no set has come');
});
