// A server as today's are: control groups of version 2 alone. This machine keeps memory, cpu and pids by version 1, so
// that limits are not told here; recipes/cgroups.bats has them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../embedded/deadlines.ts';
import { rebootServer } from '../../embedded/server-faults.ts';
import { listServers } from '../../embedded/server.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { listingAtRest, onServer } from '../rig/machine.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'unified';
const SERVED_WITHIN_MS = 30_000;

let rig: Rig;
let source: SourceTree;
let untouched: string[];

before(async () => {
  rig = await startRig({ name: 'cgroup2', hasOnlyCgroup2: true });
  untouched = await ownLines();
  source = copyExample('rotation-probe');
  source.write('server.js', SERVER);
  await dcdgetJson(rig, 'apps:create', APP);
});
after(async () => {
  source?.remove();
  await rig?.stop();
});

/** Answers who it is, and to /slow after a while. */
const SERVER = `
import { createServer } from 'node:http';
const self = \`\${process.env.DCDGET_INSTANCE} since \${Date.now()}\`;
createServer((request, response) => setTimeout(() => response.end(self), request.url === '/slow' ? 3000 : 0))
  .listen(process.env.PORT);
`;

async function succeeds(...words: string[]): Promise<void> {
  const ran = await dcdget(rig, ...words, '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
}

/** Without what building leaves, and what the first app brings to stay. */
async function ownLines(): Promise<string[]> {
  return (await listingAtRest(rig)).filter((line) => line.includes(APP) || /: (container|veth|port|unit) /.test(line));
}

async function answers(not = ''): Promise<string> {
  return waitFor({ awaited: `${APP} to answer`, timeoutMs: SERVED_WITHIN_MS, intervalMs: 20 }, async () => {
    const answer = await visit(rig, APP, '/', 1000).catch(() => null);
    return answer?.status === 200 && answer.body !== not ? answer.body : null;
  });
}

/** The control group of web.1's container, and the priorities of what runs in it. */
async function payload(): Promise<{ group: string; nice: string[] }> {
  const id = `$(basename $(readlink -f /srv/dcdget/apps/${APP}/web.1))`;
  const group = (
    await onServer(rig, 'server1', `ls -d /sys/fs/cgroup/dcdget.slice/dcdget@${id}.service/lxc.payload.*`)
  ).trim();
  const threads = `cat $(find ${group} -name cgroup.threads) | sort -u`;
  const nice = await onServer(rig, 'server1', `for id in $(${threads}); do ps -o ni= -L -q $id; done | sort -u`);
  return { group, nice: nice.split('\n').flatMap((line) => line.trim() || []) };
}

test('the server has one hierarchy, and an app goes live on it with the priority of what serves', async () => {
  const kind = await onServer(
    rig,
    'server1',
    'stat -f -c %T /sys/fs/cgroup; ls -d /sys/fs/cgroup/pids 2>/dev/null || echo none',
  );
  assert.equal(kind, 'cgroup2fs\nnone');
  await succeeds('deploy', source.folder);
  assert.match(await answers(), /^unified\.web\.1\.v\d+/);
  const { group, nice } = await payload();
  assert.match(group, /lxc\.payload\.unified\.web\.1\.v\d+\.\d+$/);
  assert.deepEqual(nice, ['0']);
});

test('an old instance is left its open connections, and goes with the last one', async () => {
  const old = (await answers()).split(' ')[0] ?? '';
  const slow = visit(rig, APP, '/slow');
  await succeeds('ps:restart');
  assert.equal((await slow).body.split(' ')[0], old);
  assert.notEqual((await answers()).split(' ')[0], old);
  const left = (await ownLines()).filter((line) => line.includes(old));
  assert.deepEqual(left, []);
});

test('an instance that is killed is started again, and its control groups are used again', async () => {
  const before = await answers();
  const { group } = await payload();
  await onServer(rig, 'server1', `kill -9 $(head -n 1 ${group}/cgroup.procs)`);
  assert.notEqual(await answers(before), before);
  assert.equal((await payload()).group, group);
});

test('a one-off session runs and leaves nothing', async () => {
  const before = await ownLines();
  const ran = await dcdget(rig, 'run', '--app', APP, 'cat /proc/self/cgroup | grep -c ^0::; exit 3');
  assert.deepEqual([ran.exitCode, ran.stdout], [3, '1\n'], ran.stderr);
  const awaited = { awaited: 'the session to be gone', timeoutMs: 10_000, intervalMs: 200 };
  await waitFor(awaited, async () => ((await ownLines()).join() === before.join() ? true : null));
});

test('the server reboots and serves again, and a destroyed app leaves nothing', async () => {
  const before = await answers();
  const plan = (await listServers()).find(({ run, name }) => run === rig.run && name === 'server1');
  assert.ok(plan);
  await rebootServer(plan);
  assert.notEqual(await answers(before), before);
  await succeeds('apps:destroy', '--confirm', APP);
  assert.deepEqual(await ownLines(), untouched);
});
