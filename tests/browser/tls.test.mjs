/** The playground over TLS: Chromium, which trusts an authority of the tests' own, against the real command. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { enter, lines, publish } from './playground_page.mjs';
import { kTestTimeout, launchBrowser, Server, Watch } from './support.mjs';

/** An authority, and what it has signed for this machine, in a directory that is a home in which it is trusted. */
class Authority {
  home = mkdtempSync(join(tmpdir(), 'hearth-browser-tls-'));
  certificate = join(this.home, 'certificate.pem');
  key = join(this.home, 'key.pem');

  constructor() {
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    this.#run('openssl', 'req', '-x509', ...kind, '-days', '2', '-subj', '/CN=Authority', '-keyout', 'ca.key', '-out', 'ca.pem');
    this.#run('openssl', 'req', ...kind, '-subj', '/CN=localhost', '-keyout', 'key.pem', '-out', 'request.pem');
    writeFileSync(join(this.home, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    this.#run('openssl', 'x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
      '-days', '2', '-extfile', 'names', '-out', 'certificate.pem');
  }

  /** Has browsers whose home this is trust it. */
  trust() {
    const store = join(this.home, '.pki', 'nssdb');
    mkdirSync(store, { recursive: true });
    this.#run('certutil', '-d', `sql:${store}`, '-N', '--empty-password');
    this.#run('certutil', '-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'Authority', '-i', 'ca.pem');
  }

  end() {
    rmSync(this.home, { recursive: true, force: true });
  }

  #run(program, ...words) {
    execFileSync(program, words, { cwd: this.home, stdio: 'pipe' });
  }
}

describe('the playground over TLS', { timeout: kTestTimeout * 3 }, () => {
  let authority;
  let server;

  before(async () => {
    authority = new Authority();
    server = await Server.start({
      config: `[[server.tls.certificates]]\ncert = "${authority.certificate}"\nkey = "${authority.key}"\n`,
    });
  });

  after(async () => {
    await server?.stop('SIGINT');  // SIGTERM would drain
    authority?.end();
  });

  async function visit(use) {
    const browser = await launchBrowser({ env: { ...process.env, HOME: authority.home } });
    try {
      const page = await browser.newPage();
      await use(page, `https://localhost:${server.port}`);
    } finally {
      await browser.close();
    }
  }

  test('a browser that does not know the authority gets no page', { timeout: kTestTimeout }, () =>
    visit(async (page, origin) => {
      await assert.rejects(page.goto(origin), /ERR_CERT_AUTHORITY_INVALID/);
    }));

  test('one that trusts it talks to the server by wss://', { timeout: kTestTimeout }, async () => {
    authority.trust();
    await visit(async (page, origin) => {
      const sockets = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      const watch = new Watch(page, origin);
      await page.goto(origin);
      await enter(page, 'ann', 'vault');
      await publish(page, { room: 'vault', data: '{"text":"grüß dich"}' });
      await lines(page).filter({ hasText: 'received' }).filter({ hasText: 'grüß dich' }).waitFor();
      assert.deepEqual(sockets, [`wss://localhost:${server.port}/ws`]);
      assert.deepEqual(watch.complaints, []);
      assert.deepEqual(watch.strangers, []);
    });
  });
});
