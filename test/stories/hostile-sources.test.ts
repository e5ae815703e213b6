import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../cli/api-types.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { archiveOf, bombOf, type Entry } from '../rig/hostile-archive.ts';
import { listing, onServer } from '../rig/machine.ts';
import { finished } from '../rig/operations.ts';
import { found, probesOf } from '../rig/probes.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const BYSTANDER = 'bystander';
const LANES = ['hostile-a', 'hostile-b'] as const;
const DEADLINE_MS = 90_000;
/** A second, and what a busy machine takes to notice. */
const CANCELLED_WITHIN_MS = 2500;

let rig: Rig;
let folder: string;
let visits: Promise<number[]>;
const over = new AbortController();

before(async () => {
  rig = await useRig('hostile');
  folder = mkdtempSync(join(tmpdir(), 'dcdget-hostile-'));
  await Promise.all([BYSTANDER, ...LANES].map((app) => dcdgetJson(rig, 'apps:create', app)));
  const source = copyExample('hello-node');
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', BYSTANDER);
  source.remove();
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
  visits = visitAlways();
});
after(async () => {
  over.abort();
  for (const app of [BYSTANDER, ...LANES]) await dcdget(rig, 'apps:destroy', '--app', app, '--confirm', app);
  rmSync(folder, { recursive: true, force: true });
  await rig.stop();
});

/** The statuses with which the bystander answered, until the end. */
async function visitAlways(): Promise<number[]> {
  const statuses: number[] = [];
  while (!over.signal.aborted) {
    statuses.push((await visit(rig, BYSTANDER).catch(() => ({ status: 0 }))).status);
    await sleep(50);
  }
  return statuses;
}

async function startDeploy(app: string, archive: Buffer): Promise<string> {
  const path = join(folder, `${app}.tar.gz`);
  writeFileSync(path, archive);
  const { source_blob: blob } = await rig.api.createSource();
  await rig.api.upload(blob.put_url, { path, bytes: archive.length });
  return (await rig.api.createBuild(app, { source_blob: { url: blob.get_url } })).operationId ?? '';
}

async function deploy(app: string, archive: Buffer): Promise<Operation> {
  return finished(rig, await startDeploy(app, archive), DEADLINE_MS);
}

/** The build log, as whoever watches it sees it. */
async function logOf({ id }: Operation): Promise<string> {
  return (await dcdget(rig, 'operations:watch', id)).stdout;
}

/** An app whose build runs a script before anything is installed. */
function building(script: string, ...more: Entry[]): Buffer {
  const scripts = { 'heroku-prebuild': 'bash script.sh' };
  return archiveOf(
    { name: 'package.json', content: JSON.stringify({ name: 'x', scripts }) },
    { name: 'package-lock.json', content: JSON.stringify({ name: 'x', lockfileVersion: 3, packages: {} }) },
    { name: 'Procfile', content: 'web: node server.js\n' },
    { name: 'script.sh', content: script },
    ...more,
  );
}

const PROCFILE: Entry = { name: 'Procfile', content: 'web: sleep 100\n' };
const link = (name: string, to: string): Entry => ({ name, type: '2', link: to });

const REFUSED: [title: string, archive: () => Buffer, sentence: RegExp][] = [
  ['an absolute path', () => archiveOf({ name: '/etc/cron.d/x' }), /absolute path/],
  ['a path that climbs out', () => archiveOf({ name: 'a/../../../etc/x' }), /leads out of the archive/],
  ['a file behind a symbolic link', () => archiveOf(link('a', '/'), { name: 'a/etc/x' }), /through a symbolic link/],
  [
    'a chain of links',
    () => archiveOf(link('a', '..'), link('b', 'a/..'), { name: 'b/x', type: '1', link: 'a/../etc/shadow' }),
    /refused/,
  ],
  ['a hard link to a file of the server', () => archiveOf({ name: 'x', type: '1', link: '/etc/shadow' }), /absolute/],
  ['a device', () => archiveOf({ name: 'sda', type: '4' }), /neither a file, a folder nor a link/],
  ['a bomb', () => bombOf(300), /times its size/],
  ['no archive at all', () => Buffer.from('#!/bin/sh\nid\n'), /gzip/],
  ['a Procfile that names a path', () => archiveOf({ ...PROCFILE, content: '../../x: id\n' }), /process type/],
  [
    'a Procfile with a terminal escape',
    () => archiveOf({ ...PROCFILE, content: 'web: id\u001b]0;x\u0007\n' }),
    /control/,
  ],
  [
    'an app.json with a header in a path',
    () =>
      archiveOf(PROCFILE, {
        name: 'app.json',
        content: '{"healthchecks":{"web":[{"path":"/\\r\\nHost: x"}]}}',
      }),
    /healthchecks\.web\[0\]\.path/,
  ],
  [
    'a Procfile that is a link to a secret',
    () => archiveOf(link('Procfile', '/etc/shadow')),
    /Procfile|recognises|did not compile/,
  ],
];

test('what must not be unpacked or read fails its own deploy, each with its reason', async () => {
  const serving = await listing(rig);
  await inLanes(REFUSED, async (app, [title, archive, sentence]) => {
    const operation = await deploy(app, archive());
    assert.deepEqual([operation.state, operation.failure?.code], ['failed', 'build_failed'], title);
    assert.match(operation.failure?.message ?? '', sentence, title);
  });
  assert.deepEqual(await listing(rig), serving, 'nothing of them is on the server');
});

const GREEDY: [title: string, script: string, sentence: RegExp][] = [
  [
    'a fork bomb',
    ':(){ :|: & };:\nsleep 60\n',
    /fork: .*Resource temporarily unavailable|kept running \d+ processes at once/,
  ],
  [
    'memory without end',
    'node -e "for (const all = [];;) all.push(Buffer.alloc(1e8, 1))"',
    /Killed|more memory than a build may have/,
  ],
  [
    'a full disk',
    'n=0; while fallocate -l 256M /tmp/full.$n; do n=$((n + 1)); done; echo "full after $n"; dd if=/dev/zero of=/app/more bs=1M count=300 || exit 3',
    /full after \d+|No space left/,
  ],
  ['a log without end', 'head -c 40000000 /dev/zero | tr "\\0" "x" | fold -w 200; exit 4', /The log is cut here/],
];

test('a build that takes all it can get fails alone, and leaves the server as it was', async () => {
  const serving = await listing(rig);
  const freeBefore = await freeMb();
  await inLanes(GREEDY, async (app, [title, script, shown]) => {
    const operation = await deploy(app, building(script));
    assert.deepEqual([operation.state, operation.failure?.code], ['failed', 'build_failed'], title);
    assert.match(await logOf(operation), shown, title);
  });
  assert.deepEqual(await listing(rig), serving);
  assert.ok((await freeMb()) > freeBefore - 200, 'what they filled is free again');
  await nothingBuilds();
});

const openings: Server[] = [];
/** Something of the network of the server's neighbours, which answers. */
async function opened(port = 0): Promise<string> {
  const opening = createServer((socket) => socket.end()).listen(port, gateway());
  openings.push(opening);
  await once(opening, 'listening');
  return `${gateway()} ${(opening.address() as AddressInfo).port}`;
}
after(() => openings.forEach((opening) => opening.close()));

function gateway(): string {
  return rig.router.host.replace(/\.\d+$/, '.1');
}

function portOf(name: string): string {
  return new URL(rig.environment[name] ?? '').port;
}

test('an app reaches its neighbours in the network, and of the platform what it is to reach', async () => {
  const server = rig.router.host;
  const temporal = await opened(Number(rig.environment['TEMPORAL_ADDRESS']?.split(':')[1]));
  // The rig's operator shares it with apps.
  const store = await opened(Number(portOf('MONGODB_URL')));
  const free = [await opened(), `${gateway()} ${portOf('PUBLIC_URL')}`, store];
  const closed = [temporal, `${gateway()} ${portOf('S3_PUBLIC_ENDPOINT')}`, `${server} 22`, `${server} 7443`];
  const probes = probesOf([...free, ...closed]);
  assert.deepEqual(found(await onServer(rig, 'server1', probes)), [...free, ...closed].toSorted(), 'all are there');
  const { stdout, stderr } = await dcdget(rig, 'run', '--app', BYSTANDER, '--', 'bash', '-c', `${probes}\necho over`);
  assert.match(stdout, /^over$/m, stderr);
  assert.deepEqual(found(stdout), free.toSorted());
});

test('a build that hunts for credentials and neighbours finds none', async () => {
  const server = rig.router.host;
  const next = await opened();
  const platform = [
    `${gateway()} ${portOf('PUBLIC_URL')}`,
    `${gateway()} ${portOf('S3_PUBLIC_ENDPOINT')}`,
    ...[22, 80, 7443, 20_000].map((number) => `${server} ${number}`),
    '10.213.0.1 7443',
  ];
  const probes = probesOf([...platform, next, '10.213.255.11 22', '169.254.169.254 80']);
  const registry = 'timeout 30 "$npm_node_execpath" "$npm_execpath" view npm version >/dev/null';
  // The same probes find the doors where they are not shut: from the server itself.
  const seen = await onServer(rig, 'server1', `${probes}\ntrue`);
  for (const door of [...platform, next])
    assert.ok(seen.includes(`open: ${door}`), `${door} is there to be found: ${seen}`);
  const script = `
${probes}
${registry} && echo 'reached: the registry'
env | grep -iE 'token|secret|password|credential|s3_|mongo|temporal' | sed 's/^/found: /'
for file in /proc/1/environ /proc/1/root/etc/shadow /.dcdget/out/stage /root /srv/dcdget/packman/token; do
  cat "$file" >/dev/null 2>&1 && echo "read: $file"
done
grep -rsE 'X-Amz-Signature|Bearer ' /.dcdget/in/parameters /.dcdget/in/buildpacks /.dcdget/in/environment && echo 'read: a signature'
ls /dev/loop* /dev/sd* /dev/mem 2>/dev/null | sed 's/^/device: /'
unshare -Ur id 2>/dev/null | sed 's/^/namespace: /'
mknod /tmp/null c 1 3 2>/dev/null && echo 'device: made'
cp /bin/bash /tmp/bash && chmod 4755 /tmp/bash && /tmp/bash -p -c 'id -u' | grep -qx 0 && echo 'root'
mount -t tmpfs none /mnt 2>/dev/null && echo 'mounted'
echo 'the hunt is over'
exit 5
`;
  const operation = await deploy(LANES[0], building(script));
  assert.equal(operation.state, 'failed');
  const log = await logOf(operation);
  assert.match(log, /the hunt is over/);
  assert.match(log, /reached: the registry/, 'what a build needs is not shut');
  assert.doesNotMatch(log, /open: |found: |read: |device: |namespace: |\broot\b|mounted/, log);

  // What the operator allows is open, and nothing of the platform with it.
  const file = '/etc/dcdget/builds-may-reach';
  await onServer(rig, 'server1', `echo '${gateway()}' >${file}`);
  const allowed = await logOf(await deploy(LANES[0], building(`${probes}\necho 'the second hunt is over'\nexit 5\n`)));
  await onServer(rig, 'server1', `rm ${file}`);
  assert.match(allowed, /the second hunt is over/);
  assert.ok(allowed.includes(`open: ${next}`), 'the probe finds an open door');
  for (const door of platform) assert.ok(!allowed.includes(`open: ${door}\n`), door);
});

test('what a source marks as set-user-id is not so on any server', async () => {
  const operation = await deploy(
    LANES[1],
    archiveOf(
      { ...PROCFILE, content: 'web: python3 -m http.server $PORT\n' },
      { name: 'sh', content: '#!/bin/sh\n', mode: '0006755' },
      link('shadow', '/etc/shadow'),
    ),
  );
  assert.equal(operation.state, 'succeeded', operation.failure?.message);
  assert.equal(await onServer(rig, 'server1', 'find /srv/dcdget/slugs -perm /6000'), '');
  const { status } = await visit(rig, LANES[1], '/shadow');
  assert.equal(status, 404, 'a link leads to what the container may read');
});

test('a cancelled deploy ends its build at once', async () => {
  const id = await startDeploy(LANES[0], building('sleep 300\n'));
  await until('the build runs', async () => (await buildsOnServer()).includes('sleep'));
  const cancelled = rig.api.cancelOperation(id);
  const startedAt = Date.now();
  await until('the build is gone', async () => !(await buildsOnServer()).includes('sleep'));
  const tookMs = Date.now() - startedAt;
  await cancelled;
  console.log(`the build ended ${tookMs} ms after the cancel`);
  assert.ok(tookMs < CANCELLED_WITHIN_MS, `${tookMs} ms`);
  await nothingBuilds();
});

test('through all of it the other app answered, and Packman never ended', async () => {
  over.abort();
  const statuses = await visits;
  assert.ok(statuses.length > 100, `${statuses.length} visits`);
  assert.deepEqual(
    statuses.filter((status) => status !== 200),
    [],
  );
  assert.match(await onServer(rig, 'server1', 'systemctl show -p NRestarts dcdget-packman'), /NRestarts=0/);
});

/** Two at a time, one after the other for each app. */
async function inLanes<T>(all: readonly T[], act: (app: string, one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  await Promise.all(
    LANES.map(async (app) => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await act(app, one);
    }),
  );
}

async function freeMb(): Promise<number> {
  return Number(await onServer(rig, 'server1', `df -m --output=avail /srv/dcdget | tail -n 1`));
}

/** The names of the programs that builds run. */
function buildsOnServer(): Promise<string> {
  return onServer(
    rig,
    'server1',
    `cat /sys/fs/cgroup/{,pids/}lxc.payload.build-*/cgroup.procs 2>/dev/null | while read -r pid; do cat /proc/$pid/comm 2>/dev/null; done; true`,
  );
}

async function nothingBuilds(): Promise<void> {
  await until('no build is left', async () => (await onServer(rig, 'server1', 'ls /srv/dcdget/packman/builds')) === '');
  assert.equal(await buildsOnServer(), '');
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `not within 30 s: ${what}`);
    await sleep(50);
  }
}
