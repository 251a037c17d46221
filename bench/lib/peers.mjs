/** The servers that are compared: how each is started, and what puts load on it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, Running } from './processes.mjs';
import { childrenOf } from './process_figures.mjs';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const built = (variable, name) => resolve(process.env[variable] ?? path(`build/release/${name}`));
const kCommand = built('TEST_COMMAND', 'app/hearth');
const kBenchApp = built('TEST_BENCH_APP', 'bench/bench_app');
const kFloor = built('TEST_BENCH_FLOOR', 'bench/floor');
const bun = () =>
  ['x64', 'aarch64']
    .map((machine) => path(`tests/interop/node_modules/@oven/bun-linux-${machine}/bin/bun`))
    .find(existsSync);

/** What a case asks of a server, as flags that bench_app and bench/peers have in common. */
const flags = ({ redis, encrypt, deflate, tls }) => [
  '--port',
  '0',
  ...(redis ? ['--redis', redis] : []),
  ...(encrypt ? ['--encrypt'] : []),
  ...(deflate ? ['--deflate'] : []),
  ...(tls ? ['--tls', Object.values(certificate()).join(',')] : []),
];

/** Files with a certificate for this machine and its key, made once. */
export function certificate() {
  if (certificate.files) return certificate.files;
  const directory = mkdtempSync(join(tmpdir(), 'hearth-bench-tls-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const files = { certificate: join(directory, 'certificate.pem'), key: join(directory, 'key.pem') };
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...name, '-keyout', files.key, '-out', files.certificate], {
    stdio: 'ignore',
  });
  certificate.files = files;
  return files;
}

const script = (name) => path(`bench/peers/${name}`);
const hearth = (setup) => [kBenchApp, ...flags(setup), '--threads', String(setup.threads ?? 1)];

/** `load` names the generator: `hearth bench` for those that speak Hearth's protocol, or a script of bench/peers. */
export const kPeers = {
  hearth: { name: 'Hearth', colour: '#d9480f', command: hearth },
  'hearth-pattern': {
    name: 'Hearth, pattern',
    colour: '#f4a261',
    command: (setup) => hearth({ ...setup, redis: `${setup.redis}?subscriptions=pattern` }),
  },
  'hearth-2': { name: 'Hearth, two shards', colour: '#f4a261', command: (setup) => hearth({ ...setup, threads: 2 }) },
  'hearth-history': {
    name: 'Hearth, rooms that remember',
    colour: '#f4a261',
    command: (setup) => [...hearth(setup), '--history', '1000'],
    flags: ['--since'],
  },
  'hearth-nginx': { name: 'Hearth behind nginx', colour: '#f4a261', start: startBehindNginx },
  ignis: { name: 'Ignis', colour: '#4263eb', command: (setup) => [bun(), script('ignis.mjs'), ...flags(setup)] },
  bun: { name: 'Bun', colour: '#7048e8', command: (setup) => [bun(), script('bun.mjs'), ...flags(setup)] },
  ws: { name: 'ws', colour: '#0c8599', command: (setup) => [process.execPath, script('ws.mjs'), ...flags(setup)] },
  socketio: {
    name: 'Socket.IO',
    colour: '#5c940d',
    command: (setup) => [process.execPath, script('socketio.mjs'), ...flags(setup)],
    load: 'socketio_load.mjs',
  },
  nchan: { name: 'nchan', colour: '#868e96', start: startNchan, load: 'nchan_load.mjs' },
  floor: { name: 'floor', colour: '#adb5bd', command: () => [kFloor, '--port', '0'], lowerBound: true },
};

/** nginx with a template of bench/peers, in which names between @ are replaced. */
async function startNginx(template, values, cores) {
  const port = await freePort();
  const prepare = (directory) => {
    const config = Object.entries({ directory, port, ...values }).reduce(
      (text, [name, value]) => text.replaceAll(`@${name}@`, String(value)),
      readFileSync(script(template), 'utf8'),
    );
    writeFileSync(join(directory, 'nginx.conf'), config);
  };
  // Killed, it would leave its worker behind.
  const server = new Running(['/usr/sbin/nginx', '-p', '.', '-c', 'nginx.conf'], cores, {
    prepare,
    stopSignal: 'SIGTERM',
  });
  try {
    await server.listensOn(port);
    return { server, port, pids: [childrenOf(server.pid)[0]] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function startNchan(setup, cores) {
  return startNginx('nchan.conf', {}, cores);
}

/** TLS ends in nginx, and a plain Hearth is behind it. */
async function startBehindNginx(setup, cores) {
  const app = await startPeer('hearth', { ...setup, tls: false }, cores);
  try {
    const proxy = await startNginx('tls_proxy.conf', { ...certificate(), upstream: app.port }, cores);
    const stop = async () => {
      await proxy.server.stop();
      await app.server.stop();
    };
    return { server: { stop }, port: proxy.port, pids: [...proxy.pids, ...app.pids] };
  } catch (error) {
    await app.server.stop();
    throw error;
  }
}

/** Starts a server; `pids` are the processes whose CPU time and memory count. */
export async function startPeer(name, setup, cores) {
  const peer = kPeers[name];
  if (peer.start) return peer.start(setup, cores);
  const server = new Running(peer.command(setup), cores);
  try {
    return { server, port: await server.port(), pids: [server.pid] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The command that puts a case's load on a peer, without its flags. */
export function loadCommand(name, load) {
  const own = load.script ?? kPeers[name].load;
  return own ? [process.execPath, script(own)] : [kCommand, 'bench'];
}

/** What cannot be started on this machine, and why. */
export function missing(name) {
  if (['ignis', 'bun'].includes(name) && !bun()) return 'Bun is not installed';
  if (['ignis', 'ws', 'socketio', 'nchan'].includes(name) && !existsSync(path('bench/peers/node_modules'))) {
    return 'the packages of bench/peers are not installed';
  }
  if (name === 'hearth-nginx' && !existsSync('/usr/sbin/nginx')) return 'nginx is not installed';
  if (name === 'nchan' && !existsSync('/usr/lib/nginx/modules/ngx_nchan_module.so')) return 'nchan is not installed';
  return null;
}

const said = (command, ...args) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

/** The versions of all that takes part. */
export function versions() {
  const packaged = (name) => {
    const file = path(`bench/peers/node_modules/${name}/package.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
  };
  const debian = (name) => said('dpkg-query', '--show', '--showformat', '${Version}', name);
  const found = {
    Hearth: said('git', '-C', path('.'), 'describe', '--always', '--dirty'),
    Ignis: packaged('@venizia/ignis-helpers'),
    Bun: bun() ? said(bun(), '--version') : null,
    ws: packaged('ws'),
    'Socket.IO': packaged('socket.io'),
    nginx: debian('nginx'),
    nchan: debian('libnginx-mod-nchan'),
    Redis: debian('redis-server'),
    'Node.js': process.version.slice(1),
    'g++': said('g++', '-dumpfullversion'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, version]) => version));
}
