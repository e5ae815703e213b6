// What happens to instances while nobody deploys: they are killed, their server reboots, somebody meddles.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynoEvent, ServerCheck } from '../../cli/api-types.ts';
import { createSignatures } from '../../store/signatures.ts';
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
const TOLD_WITHIN_MS = 15_000;
/** Longer than ORPHAN_GRACE_SECONDS of a rig. */
const GRACE_MS = 1100;

let rig: Rig;

before(async () => {
  rig = await useRig('supervision');
  const source = copyExample('rotation-probe');
  source.write('server.js', SERVER);
  await dcdgetJson(rig, 'apps:create', APP);
  await succeeds('deploy', source.folder);
  source.remove();
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('an instance whose process is killed serves again within two seconds, and its history says so', async () => {
  const before = await answers();
  await killProcess();
  const killedAt = Date.now();
  const again = await answers(before);
  const took = Date.now() - killedAt;
  assert.notEqual(again, before);
  assert.ok(took <= RESTARTED_WITHIN_MS, `it took ${took} ms`);
  const told = await waitFor(
    { awaited: 'the history to tell it', timeoutMs: TOLD_WITHIN_MS, intervalMs: 100 },
    async () => {
      const events = await history();
      return events.map(({ state }) => state).join(' ') === 'starting up crashed starting up' ? events : null;
    },
  );
  const crash = told[2];
  assert.deepEqual([crash?.exit_code, crash?.signal, crash?.problem?.code], [137, 'SIGKILL', 'H10']);
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
});

test('what somebody changed on a server by hand is found, and put right when that is asked for', async () => {
  const [first = '', second = ''] = await instances();
  await onServer(rig, 'server1', 'bash -s', meddling(first, second));
  const found = await checked();
  assert.deepEqual(found, [
    'instance-orphan ghost.web.1.v1.1 waits',
    `port-missing ${second} possible`,
    `route-missing ${APP} possible`,
    `unit-stopped ${first} possible`,
  ]);
  await sleep(GRACE_MS);
  const repaired = await checked('--repair');
  assert.deepEqual([...new Set(repaired.map((line) => line.split(' ').at(-1)))], ['repaired']);
  assert.equal(repaired.length, found.length);
  const who = new Set<string>();
  await waitFor({ awaited: 'both processes to answer', timeoutMs: 10_000, intervalMs: 50 }, async () => {
    who.add((await answers()).split(' ')[0] ?? '');
    return who.size === 2 ? true : null;
  });
  assert.deepEqual(await checked(), []);
  assert.equal((await dcdget(rig, 'servers:check', 'server1')).exitCode, 0);
});

test('a report that comes twice or is not signed changes nothing, and ps shows the newest', async () => {
  const [first = ''] = await instances();
  const at = () => new Date().toISOString();
  const crash = {
    id: 'story:1',
    n: 1,
    state: 'crashed',
    at: at(),
    exitCode: 137,
    signal: 'SIGKILL',
    reason: 'in a story',
  };
  assert.equal(await report(first, crash), 200);
  assert.equal(await report(first, crash), 409, 'the same report again');
  assert.equal(await report(first, { ...crash, id: 'story:2' }, 'another body'), 401);
  assert.equal((await history()).filter(({ reason }) => reason === crash.reason).length, 1);
  assert.match((await dcdget(rig, 'ps', '--app', APP)).stdout, /web\.1 +crashed .* H10 App crashed/);
  assert.equal(await report(first, { id: 'story:2', n: 2, state: 'up', at: at(), boundPort: 5000 }), 200);
  assert.match((await dcdget(rig, 'ps', '--app', APP)).stdout, /web\.1 +up /);
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

/** What web.1 told of itself, oldest first. */
async function history(): Promise<DynoEvent[]> {
  return dcdgetJson<DynoEvent[]>(rig, 'ps', '--history', 'web.1', '--app', APP);
}

/** A folder of nobody, a stopped unit, a packet rule and a route that are gone. */
function meddling(first: string, second: string): string {
  return `
    mkdir -p /srv/dcdget/instances/ghost.web.1.v1.1/upper
    systemctl stop dcdget@${first}.service
    read -r port address </srv/dcdget/instances/${second}/network
    nft delete element ip dcdget hostports "{ $port : $address . 5000 }"
    rm /srv/dcdget/router/apps/${APP}.json`;
}

/** What a check of the server finds, a line each, sorted. */
async function checked(...words: string[]): Promise<string[]> {
  const ran = await dcdget(rig, 'servers:check', 'server1', ...words, '--json');
  const [check, ...others] = JSON.parse(ran.stdout) as ServerCheck[];
  assert.equal(others.length, 0);
  assert.equal(check?.state, 'checked', ran.stdout);
  const lines = check?.drifts.map(({ kind, subject, repair }) => `${kind} ${subject} ${repair}`) ?? [];
  assert.equal(ran.exitCode, lines.every((line) => line.endsWith(' repaired')) ? 0 : 1, ran.stdout);
  // Other stories share the server.
  return lines.filter((line) => line.includes(APP) || line.includes('ghost')).toSorted();
}

/** Reports as ps-dock does, signed by the key of the instance; gives the status. */
async function report(instance: string, event: object, signed = JSON.stringify(event)): Promise<number> {
  const secret = readFileSync(rig.environment['DCDGET_SECRET_KEY_FILE'] ?? '', 'utf8').trim();
  const key = createSignatures(Buffer.from(secret, 'base64')).fixed(`hook:${instance}`);
  const signature = createHmac('sha256', key).update(signed).digest('hex');
  const url = new URL(`/hooks/instances/${instance}`, rig.urls.api);
  const headers = { 'content-type': 'application/json', 'dcdget-signature': `sha256=${signature}` };
  const options = { method: 'POST', headers, ca: readFileSync(rig.client.DCDGET_CA), timeout: 10_000, agent: false };
  return new Promise((resolve, reject) => {
    const call = request(url, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('timeout', () => call.destroy(new Error('the API did not take the report within 10 s')));
    call.on('error', reject);
    call.end(JSON.stringify(event));
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
