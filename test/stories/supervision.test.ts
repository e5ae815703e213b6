// What happens to instances while nobody deploys: they are killed, their server reboots, somebody meddles.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../embedded/deadlines.ts';
import { rebootServer } from '../../embedded/server-faults.ts';
import { listServers } from '../../embedded/server.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { startControlPlane, stopControlPlane } from '../rig/services.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'supervised';
const RESTARTED_WITHIN_MS = 2000;
const REBOOTED_WITHIN_MS = 60_000;

let rig: Rig;

before(async () => {
  rig = await useRig('supervision');
  const source = copyExample('hello-node');
  source.write('server.js', SERVER);
  await dcdgetJson(rig, 'apps:create', APP);
  await succeeds('deploy', source.folder);
  source.remove();
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('an instance whose process is killed serves again within two seconds', async () => {
  const before = await answers();
  await killProcess();
  const killedAt = Date.now();
  const again = await answers(before);
  const took = Date.now() - killedAt;
  assert.notEqual(again, before);
  assert.ok(took <= RESTARTED_WITHIN_MS, `it took ${took} ms`);
});

test('an instance that keeps ending waits longer each time, and nobody waits for it', async () => {
  await succeeds('ps:scale', 'web=2');
  const [first] = await instances();
  assert.ok(first);
  for (let round = 1; round <= 3; round += 1) {
    await onServer(rig, 'server1', `systemctl kill --signal=KILL dcdget@${first}.service`);
    await sleep(300);
  }
  const answered = await Promise.all(Array.from({ length: 50 }, () => visit(rig, APP)));
  assert.deepEqual([...new Set(answered.map(({ status }) => status))], [200]);
  const journal = await onServer(rig, 'server1', 'journalctl --no-pager -o cat -t dcdget-instance -n 50');
  assert.match(journal, /ended 2 times in short order, next start in (7[5-9]|[89]\d|100)\d ms/);
  await succeeds('ps:scale', 'web=1');
});

test('a server that reboots while the control plane is off serves everything current again', async () => {
  await stopControlPlane(rig);
  await onServer(rig, 'server1', `mkdir -p /srv/dcdget/slugs/.new-${'a'.repeat(64)}/tree`);
  const plan = (await listServers()).find((server) => server.run === rig.run && server.name === 'server1');
  assert.ok(plan);
  const before = await answers();
  await rebootServer(plan);
  assert.notEqual(await answers(before, REBOOTED_WITHIN_MS), before);
  assert.equal((await onServer(rig, 'server1', 'ls -A /srv/dcdget/slugs | grep ^.new || true')).trim(), '');
  await startControlPlane(rig);
});

/** Answers who it is: another process, another answer. */
const SERVER = `
import { createServer } from 'node:http';
const self = \`\${process.env.DCDGET_INSTANCE} since \${Date.now()}\`;
createServer((_, response) => response.end(self)).listen(process.env.PORT);
`;

/** What the app answers, as soon as it answers something else than `not`. */
async function answers(not = '', timeoutMs = 10_000): Promise<string> {
  return waitFor({ awaited: `${APP} to answer`, timeoutMs, intervalMs: 20 }, async () => {
    const answer = await visit(rig, APP, '/', 1000).catch(() => null);
    return answer?.status === 200 && answer.body !== not ? answer.body : null;
  });
}

/** As the kernel would for want of memory: without a word to anybody. */
async function killProcess(): Promise<void> {
  const [instance] = await instances();
  const procs = `/sys/fs/cgroup/{pids/,}dcdget.slice/dcdget@${instance}.service/lxc.payload.${instance}/cgroup.procs`;
  const script = `
    for id in $(cat ${procs} 2>/dev/null); do
      if grep -q ^node /proc/$id/cmdline; then kill -9 $id; killed=yes; fi
    done
    [[ -n $killed ]]`;
  await onServer(rig, 'server1', 'bash -s', script);
}

/** Ids of the running web processes, by number. */
async function instances(): Promise<string[]> {
  const found = await onServer(rig, 'server1', `ls -d /srv/dcdget/instances/${APP}.web.*`);
  return found
    .trim()
    .split('\n')
    .map((path) => path.split('/').at(-1) ?? '')
    .toSorted();
}

async function succeeds(...words: string[]): Promise<void> {
  const ran = await dcdget(rig, ...words, '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
}
