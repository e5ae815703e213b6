// What befalls servers and services while apps are deployed or nobody watches; see test/faults for every step.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../cli/api-types.ts';
import { isFinal } from '../../domain/operations.ts';
import type { ReleaseStep } from '../../domain/steps.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { processId, startProcess, stopProcess } from '../../embedded/processes.ts';
import { cutNetwork, fillDisk, freeDisk, rebootServer, restoreNetwork } from '../../embedded/server-faults.ts';
import { listServers, type ServerPlan } from '../../embedded/server.ts';
import { clearFailpoint, hasFired, placeFailpoint } from './failpoints.ts';
import {
  assertFenced,
  assertNoOrphans,
  assertNothingLost,
  assertOneRelease,
  assertRecordIsTrue,
} from './invariants.ts';
import { startLoad, type Load } from './load.ts';
import { decidedAs, deployed } from './rehearsal.ts';
import { createSubject, MARKS, type Mark, type Subject } from './subject.ts';
import { lookAt, lookAtRest, recordedLines } from './world.ts';
import { onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { startControlPlane, startService, stopControlPlane, stopService, type Service } from '../rig/services.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'befallen';
const END_DEADLINE_MS = 150_000;
const STEP_DEADLINE_MS = 60_000;
const RECOVERY_DEADLINE_MS = 60_000;
const OUTAGE_MS = 20_000;
const NETWORK_CUT_MS = 8000;
const CHECKED_WITHIN_MS = 30_000;
/** Longer than a killed instance needs to be up again. */
const DEAD_MS = 5000;
const ROUNDS = 100;
const NEEDS_OPERATOR_EXIT_CODE = 75;
const SECOND_WORKER = 'second-worker';
const WORKER = join(import.meta.dirname, '../../workers/main.ts');

let rig: Rig;
let subject: Subject;
let without: string[];
let live: Mark;
let load: Load | undefined;

before(async () => {
  rig = await useRig('server-faults');
  subject = await createSubject(rig, APP);
  live = 'second';
  const world = await lookAtRest(subject);
  const recorded = await recordedLines(subject, world);
  without = world.listing.filter((line) => !recorded.includes(line));
});
/** What one fault left behind is no matter of the next. */
afterEach(async () => {
  await load?.stop();
  load = undefined;
  clearFailpoint(rig);
  await until(`${APP} to be at rest`, async () =>
    (await rig.api.operations(APP, 5)).every(({ state }) => isFinal(state)) ? true : null,
  );
  live = (await answerOf()).mark;
});
after(async () => {
  await subject.remove();
  await rig.stop();
});

test('a deploy goes on when an app server reboots in the middle of it', async () => {
  await deploysThrough('createContainer', async () => rebootServer(await planOf('server2')));
});

test('a deploy goes on when an app server loses its power in the middle of it', async () => {
  await deploysThrough('startProcess', async () => rebootServer(await planOf('server2'), 'power-cut'));
});

test('a deploy goes on when the network of an app server is cut in the middle of it and comes back', async () => {
  await deploysThrough('uploadSlug', async () => {
    const server = await planOf('server2');
    await cutNetwork(server);
    await sleep(NETWORK_CUT_MS);
    await restoreNetwork(server);
  });
});

test('a check of the servers tells within its deadline which one it cannot reach, and is about the others', async () => {
  const server = await planOf('server2');
  await cutNetwork(server);
  try {
    const begun = Date.now();
    const checks = await rig.api.checkServers(undefined, true);
    assert.ok(Date.now() - begun < CHECKED_WITHIN_MS, `it took ${Date.now() - begun} ms`);
    const states = checks.map(({ server: { name }, state, drifts }) => [name, state, drifts.length]);
    assert.deepEqual(states, [
      ['server1', 'checked', 0],
      ['server2', 'unreachable', 0],
    ]);
  } finally {
    await restoreNetwork(server);
  }
  await until('server2 to be reached again', async () => {
    const [check] = await rig.api.checkServers('server2', false);
    return check?.state === 'checked' && check.drifts.length === 0 ? true : null;
  });
});

test('a deploy goes on when its SSH connections to an app server are cut in the middle of a recipe', async () => {
  load = startLoad(rig, APP);
  await deploysThrough('createContainer', async () => {
    // By a process that outlives the session which it ends too.
    await onServer(rig, 'server2', `setsid --fork bash -c 'sleep 0.05; pkill -KILL -f "^sshd: root"' >/dev/null 2>&1`);
  });
  await assertNobodyNoticed();
});

test('nobody waits for a dead instance while another one of its type lives, and it comes back', async () => {
  const { instances } = await lookAtRest(subject);
  const web = instances.find(({ type }) => type === 'web');
  assert.ok(web);
  load = startLoad(rig, APP);
  await sleep(500);
  await onServer(rig, web.serverName, killWhole(`dcdget@${web.id}.service`));
  const killedAt = Date.now();
  await sleep(DEAD_MS);
  const { requests, lost } = await load.stop();
  load = undefined;
  assert.ok(requests > 0, 'there was load');
  const later = lost.filter((line) => Date.parse(line.split(' ')[0] ?? '') > killedAt);
  assert.deepEqual(later, [], 'nobody but who was being served by it noticed');
  await serves();
  await holds();
});

/** Kills all processes of a unit and returns when they are dead: until then they may still take a request. */
function killWhole(unit: string): string {
  return `
    mapfile -t ids < <(find /sys/fs/cgroup/{,*/}dcdget.slice/${unit} -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u)
    ((\${#ids[@]} > 0)) || { echo 'nothing of ${unit} runs' >&2; exit 1; }
    systemctl kill --signal=KILL ${unit}
    for id in "\${ids[@]}"; do
      while kill -0 "$id" 2>/dev/null; do ((SECONDS < 10)) || exit 1; sleep 0.005; done
    done`;
}

const outages: [Service, ReleaseStep][] = [
  ['temporal', 'createContainer'],
  ['store', 'prepareServer'],
  ['s3', 'fetchSource'],
];
for (const [service, step] of outages) {
  test(`a deploy waits for ${service} when it is away for 20 seconds, and no visitor notices`, async () => {
    load = startLoad(rig, APP);
    await deploysThrough(step, async () => {
      await stopService(rig, service);
      await sleep(OUTAGE_MS);
      await startService(rig, service);
    });
    await assertNobodyNoticed();
  });
}

test('a deploy onto a full disk says so and waits, the old release serves, and it ends when there is room', async () => {
  load = startLoad(rig, APP);
  const server = await planOf('server2');
  await fillDisk(server, 'bytes');
  try {
    const next = otherMark();
    const deploying = deployed(subject, next, END_DEADLINE_MS);
    const row = await stepShows(({ state, reason }) => state === 'retrying' && reason !== null);
    assert.match(row.reason ?? '', /has \d+ MiB left, \d+ MiB are needed/);
    assert.equal((await answerOf()).mark, live);
    freeDisk(server);
    const { ran, operation } = await deploying;
    assert.equal(operation.state, 'succeeded', JSON.stringify(operation.failure));
    assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
    live = next;
  } finally {
    freeDisk(server);
  }
  await holds();
  await assertNobodyNoticed();
});

for (const step of ['createContainer', 'updateNginx'] as const) {
  test(`a worker that is paused in the middle of ${step} and wakes after another took over changes nothing`, async () => {
    load = startLoad(rig, APP);
    const next = otherMark();
    placeFailpoint(rig, { step, mode: 'pause' });
    const deploying = deployed(subject, next, END_DEADLINE_MS);
    await until(`the worker to be paused in ${step}`, async () => (hasFired(rig) ? true : null));
    const paused = processId(rig.folder, 'worker');
    assert.ok(paused !== null);
    await startSecondWorker();
    try {
      const { operation } = await deploying;
      assert.equal(operation.state, 'succeeded', JSON.stringify(operation.failure));
      live = next;
      await holds();
      process.kill(paused, 'SIGCONT');
      await sleep(5000);
      await holds();
    } finally {
      process.kill(paused, 'SIGCONT');
      await stopProcess(rig.folder, SECOND_WORKER);
    }
    await assertNobodyNoticed();
  });
}

for (const unit of ['nginx', 'nftables', 'systemd-networkd']) {
  test(`a server serves on after ${unit} was restarted on it`, async () => {
    for (const { name } of rig.servers) await onServer(rig, name, `systemctl restart ${unit}`);
    await serves();
    await holds();
  });
}

test('without a control plane a killed instance starts again and a rebooted server serves its release', async () => {
  const [router] = rig.servers;
  await stopControlPlane(rig);
  try {
    const world = await lookAt(subject);
    const mine = world.instances.find(({ type, serverName }) => type === 'web' && serverName === router?.name);
    assert.ok(mine, 'an instance runs on the router');
    await onServer(rig, mine.serverName, `systemctl kill --signal=KILL dcdget@${mine.id}.service`);
    await rebootServer(await planOf('server2'), 'power-cut');
    await serves();
    await rebootServer(await planOf('server1'), 'power-cut');
    await serves();
  } finally {
    await startControlPlane(rig);
  }
  await holds();
});

test('a broken route of another app hurts nobody else', async () => {
  const router = rig.servers[0]?.name ?? '';
  const folder = '/srv/dcdget/router';
  const host = `broken.${rig.environment['APPS_DOMAIN'] ?? 'dcdget.localhost'}`;
  load = startLoad(rig, APP);
  const before = without;
  const own = await recordedLines(subject, await lookAtRest(subject));
  await onServer(
    rig,
    router,
    `echo '{"garbage' > ${folder}/apps/broken.json; ln -s ../apps/broken.json ${folder}/hosts/${host}`,
  );
  try {
    without = (await lookAtRest(subject)).listing.filter((line) => !own.includes(line));
    assert.ok((await visit(rig, 'broken')).status >= 400);
    await deploysThrough('updateNginx', async () => undefined);
    assert.ok((await visit(rig, 'broken')).status >= 400);
  } finally {
    without = before;
    await onServer(rig, router, `rm -f ${folder}/apps/broken.json ${folder}/hosts/${host}`);
  }
  await assertNobodyNoticed();
});

test('two operations at once on one app, a hundred times, never interleave', async () => {
  load = startLoad(rig, APP);
  const begun = new Date();
  for (let round = 1; round <= ROUNDS; round += 1) {
    const asked = await Promise.all(['LEFT', 'RIGHT'].map((side) => begins(round, side)));
    for (const id of asked) {
      await until(`operation ${id} to end`, async () => (isFinal((await rig.api.operation(id)).state) ? true : null));
    }
  }
  const operations = (await subject.store.operations.list(subject.app.id)).filter(
    ({ createdAt }) => createdAt >= begun,
  );
  const inOrder = operations.toSorted((a, b) => (a.startedAt?.getTime() ?? 0) - (b.startedAt?.getTime() ?? 0));
  assert.equal(inOrder.length, 2 * ROUNDS);
  for (const [index, { state, startedAt, sequence }] of inOrder.entries()) {
    const earlier = inOrder[index - 1];
    assert.equal(state, 'succeeded');
    if (earlier === undefined) continue;
    assert.ok((earlier.endedAt ?? 0) <= (startedAt ?? 0), `operation ${sequence} began before the one before it ended`);
    assert.ok(earlier.sequence < sequence, 'sequences are drawn in the order of the beginnings');
  }
  const vars = await rig.api.configVars(APP);
  assert.deepEqual([vars['LEFT'], vars['RIGHT']], [String(ROUNDS), String(ROUNDS)], 'no change was lost');
  await holds();
  await assertNobodyNoticed();
});

/** Every fifth round changes the config, the others restart one process, which is quicker. Returns the operation. */
async function begins(round: number, side: string): Promise<string> {
  if (round % 5 !== 0) return rig.api.restart(APP, 'worker.1');
  const { operationId } = await rig.api.changeConfigVars(APP, { [side]: String(round) });
  if (operationId === undefined) throw new Error(`the change of ${side} began no operation`);
  return operationId;
}

/** Deploys, brings the fault about when the step works, and expects the deploy to end well all the same. */
async function deploysThrough(step: ReleaseStep, fault: () => Promise<unknown>): Promise<void> {
  const next = otherMark();
  const deploying = deployed(subject, next, END_DEADLINE_MS);
  await Promise.all([deploying, stepShows((row) => row.step === step && row.state !== 'waiting').then(fault)]);
  const { ran, operation } = await deploying;
  const said = `${JSON.stringify(operation.failure)}\n${ran.stdout}${ran.stderr}`;
  if (operation.state === 'needs-operator') await letReleaseCommandRun(operation, ran.exitCode);
  else {
    assert.equal(operation.state, 'succeeded', said);
    assert.equal(ran.exitCode, 0, said);
  }
  live = next;
  await holds();
}

/** Whether a release command may run twice only its developer knows: it alone asks, whatever cut it off. */
async function letReleaseCommandRun(operation: Operation, exitCode: number): Promise<void> {
  assert.equal(operation.failure?.step, 'runReleaseCommand', JSON.stringify(operation.failure));
  assert.equal(exitCode, NEEDS_OPERATOR_EXIT_CODE);
  const ended = await decidedAs(subject, operation, 'retry', END_DEADLINE_MS);
  assert.equal(ended.state, 'succeeded', JSON.stringify(ended.failure));
}

/** One release answers, the record is true, and there is nothing on the servers but what it names. */
async function holds(): Promise<void> {
  await serves();
  const world = await lookAtRest(subject);
  await assertNoOrphans(subject, world, without);
  await assertOneRelease(subject, world, live);
  await assertFenced(subject, world);
  const newest = (await subject.store.operations.list(subject.app.id)).find(({ version }) => version === world.current);
  assert.ok(newest);
  await assertRecordIsTrue(subject, world, await rig.api.operation(newest.id));
}

/** Waits until every web process of the record answers, and nothing fails any more. */
async function serves(): Promise<void> {
  await until(`${APP} to serve`, async () => {
    try {
      await assertOneRelease(subject, await lookAt(subject), live);
      return true;
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError) throw error;
      return null;
    }
  });
}

type Row = Awaited<ReturnType<Rig['api']['operation']>>['steps'][number];

/** Returns the first row of the newest, running operation that is as wished. */
async function stepShows(isWished: (row: Row) => boolean): Promise<Row> {
  return until(
    `a step of ${APP}`,
    async () => {
      const [newest] = await rig.api.operations(APP, 1);
      if (newest === undefined || newest.state !== 'running') return null;
      return (await rig.api.operation(newest.id)).steps.find(isWished) ?? null;
    },
    STEP_DEADLINE_MS,
  );
}

async function until<T>(awaited: string, ask: () => Promise<T | null>, timeoutMs = RECOVERY_DEADLINE_MS): Promise<T> {
  return waitFor({ awaited, timeoutMs, intervalMs: 50 }, ask);
}

async function startSecondWorker(): Promise<void> {
  await startProcess(rig.folder, {
    name: SECOND_WORKER,
    command: process.execPath,
    args: [WORKER],
    env: { ...process.env, ...rig.environment },
  });
}

async function answerOf(): Promise<{ mark: Mark }> {
  return JSON.parse((await visit(rig, APP)).body) as { mark: Mark };
}

async function assertNobodyNoticed(): Promise<void> {
  assert.ok(load);
  assertNothingLost(await load.stop());
}

function otherMark(): Mark {
  return MARKS.find((mark) => mark !== live) ?? 'first';
}

async function planOf(name: string): Promise<ServerPlan> {
  const plan = (await listServers()).find((server) => server.run === rig.run && server.name === name);
  if (plan === undefined) throw new Error(`the rig has no ${name}`);
  return plan;
}
