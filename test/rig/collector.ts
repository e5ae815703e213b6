import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../embedded/commands.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { withLock } from '../../embedded/locks.ts';
import { makeCertificate } from './code-host.ts';

const PACKAGES = ['rsyslog', 'rsyslog-openssl', 'libestr0', 'libfastjson4', 'liblognorm5'];
const CACHE = join(process.env['DCDGET_HOME'] || join(homedir(), '.dcdget'), 'cache');
const DOWNLOAD_MS = 120_000;
const STARTED_WITHIN_MS = 10_000;

/** Debian's rsyslog, which takes syslog over TLS and writes a line for each message. */
export type Collector = {
  url: string;
  /** PEM file that a sender must trust. */
  certificateFile: string;
  /** What came: `HOSTNAME APP-NAME PROCID MESSAGE`. */
  lines: () => string[];
  start: () => Promise<void>;
  stop: () => Promise<void>;
  remove: () => Promise<void>;
};

export async function startCollector(host: string, port: number): Promise<Collector> {
  const root = await programs();
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-collector-'));
  await makeCertificate(folder, host);
  writeFileSync(join(folder, 'conf'), configuration(folder, host, port));
  const file = join(folder, 'lines');
  let child: ChildProcess | null = null;
  const collector: Collector = {
    url: `syslog+tls://${host}:${port}`,
    certificateFile: join(folder, 'cert.pem'),
    lines: () => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []),
    async start() {
      const started = spawnProgram(root, folder);
      child = started;
      await waitFor({ awaited: 'rsyslog to listen', timeoutMs: STARTED_WITHIN_MS, intervalMs: 50 }, async () => {
        if (started.exitCode !== null) throw new Error(`rsyslog exited ${started.exitCode}`);
        return (await listens(host, port)) ? true : null;
      });
    },
    async stop() {
      if (child === null) return;
      const ended = once(child, 'close');
      child.kill();
      await ended;
      child = null;
    },
    async remove() {
      await collector.stop();
      rmSync(folder, { recursive: true });
    },
  };
  await collector.start();
  return collector;
}

function spawnProgram(root: string, folder: string): ChildProcess {
  const [modules] = globSync(join(root, 'usr/lib/*/rsyslog'));
  if (modules === undefined) throw new Error('rsyslog has no modules');
  const args = ['-n', '-f', join(folder, 'conf'), '-i', join(folder, 'pid'), '-M', modules];
  return spawn(join(root, 'usr/sbin/rsyslogd'), args, {
    env: { ...process.env, LD_LIBRARY_PATH: join(modules, '..') },
    stdio: 'ignore',
  });
}

function configuration(folder: string, host: string, port: number): string {
  return `
global(workDirectory="${folder}" defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="${folder}/cert.pem"
  defaultNetstreamDriverCertFile="${folder}/cert.pem" defaultNetstreamDriverKeyFile="${folder}/key.pem")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="${host}" port="${port}")
template(name="line" type="string" string="%hostname% %app-name% %procid% %msg%\\n")
action(type="omfile" file="${folder}/lines" template="line")
`;
}

async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Where the packages are unpacked: nothing of them is installed on this machine. */
async function programs(): Promise<string> {
  const root = join(CACHE, 'collector');
  const lock = { timeoutMs: DOWNLOAD_MS, busy: 'another process has been downloading rsyslog for too long' };
  return withLock(`${root}.lock`, lock, async () => {
    if (existsSync(root)) return root;
    const fresh = `${root}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    const download = () =>
      run({ command: 'apt-get', args: ['-qq', 'download', ...PACKAGES], cwd: fresh, timeoutMs: DOWNLOAD_MS });
    // A machine whose lists are old, or that has none yet.
    await download().catch(async () => {
      await run({ command: 'apt-get', args: ['-qq', 'update'], timeoutMs: DOWNLOAD_MS });
      await download();
    });
    for (const file of globSync('*.deb', { cwd: fresh })) {
      await run({ command: 'dpkg', args: ['-x', file, '.'], cwd: fresh, timeoutMs: DOWNLOAD_MS });
    }
    renameSync(fresh, root);
    return root;
  });
}
