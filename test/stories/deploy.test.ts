import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RELEASE_STEPS } from '../../domain/steps.ts';
import type { Operation } from '../../cli/api-types.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { objectKeys, platformLogs } from '../rig/evidence.ts';
import { activitiesOf, historyText } from '../rig/histories.ts';
import { listingAtRest, onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'journey';
const SECRET = 'sw0rdfish-and-a-half';

let rig: Rig;
let source: SourceTree;
let untouched: string[];

before(async () => {
  rig = await useRig('deploy');
  source = copyExample('hello-node');
});
after(async () => {
  source.remove();
  await rig.stop();
});

test('a new app has a name, a release and nobody home', async () => {
  // What a first deploy brings to a server for every app (base image, ps-dock) stays; this app brings it.
  await dcdgetJson(rig, 'apps:create', 'warmup');
  assert.equal((await dcdget(rig, 'deploy', source.folder, '--app', 'warmup')).exitCode, 0);
  await dcdget(rig, 'apps:destroy', '--app', 'warmup', '--confirm', 'warmup');
  untouched = await listingAtRest(rig);

  assert.equal((await dcdget(rig, 'apps:create', APP)).exitCode, 0);
  assert.equal((await visit(rig, APP)).status, 404);
});

test('a deploy shows its steps and the app answers', async () => {
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
  for (const step of RELEASE_STEPS) assert.match(deployed.stdout, new RegExp(step));
  const answer = await visit(rig, APP);
  assert.equal(answer.status, 200);
  assert.match(answer.body, /Hello/);
});

test('operations:info lists the fifteen steps with their times', async () => {
  const { operation, text } = await newestOperation();
  assert.equal(operation.state, 'succeeded');
  const steps = new Map(operation.steps.map((row) => [row.number, row]));
  assert.deepEqual(
    [...steps.values()].map(({ step }) => step),
    [...RELEASE_STEPS],
  );
  for (const row of steps.values()) {
    assert.ok(row.state === 'succeeded' || (row.state === 'skipped' && row.reason), `${row.step} is ${row.state}`);
    if (row.state === 'succeeded') assert.ok(row.started_at && row.ended_at, `${row.step} has no times`);
  }
  for (const step of RELEASE_STEPS) assert.match(text, new RegExp(step));
});

test('Temporal shows the same names, with summaries that name app, release and instance', async () => {
  const { operation } = await newestOperation();
  const activities = await activitiesOf(rig, operation);
  for (const { step, state } of operation.steps) {
    if (state === 'succeeded')
      assert.ok(
        activities.some(({ type }) => type === step),
        `${step} is not in the history`,
      );
  }
  const started = activities.find(({ type }) => type === 'startProcess');
  assert.match(started?.summary ?? '', /^journey · v2 · journey\.web\.1\.v2\.1$/);
});

test('a deploy of a changed copy swaps it', async () => {
  source.edit('server.js', 'Hello', 'Welcome back');
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
  assert.match((await visit(rig, APP)).body, /Welcome back/);
  const releases = await dcdgetJson<{ version: number; current: boolean }[]>(rig, 'releases', '--app', APP);
  assert.deepEqual(
    releases.filter(({ current }) => current).map(({ version }) => version),
    [3],
  );
});

test('the same source again is not compiled again', async () => {
  assert.equal((await dcdget(rig, 'deploy', source.folder, '--app', APP)).exitCode, 0);
  const { operation } = await newestOperation();
  const compile = operation.steps.find(({ step }) => step === 'compileSlug');
  assert.equal(compile?.state, 'skipped');
  assert.match(compile.reason ?? '', /compiled before/);
});

test('a config change rotates to a new release without a compile', async () => {
  const changed = await dcdget(rig, 'config:set', `GREETING=${SECRET}`, '--app', APP);
  assert.equal(changed.exitCode, 0, changed.stdout + changed.stderr);
  assert.match((await visit(rig, APP)).body, new RegExp(SECRET));
  const { operation } = await newestOperation();
  assert.equal(operation.kind, 'config');
});

test('ps lists one instance, up, of the current release', async () => {
  type Dyno = { name: string; state: string; release: { version: number } };
  const { dynos } = await dcdgetJson<{ dynos: Dyno[] }>(rig, 'ps', '--app', APP);
  assert.deepEqual(
    dynos.map(({ name, state, release }) => [name, state, release.version]),
    [['web.1', 'up', 5]],
  );
});

test('no config value is in a history, a log of the platform or a process list', async () => {
  assert.doesNotMatch(await historyText(rig), new RegExp(SECRET));
  assert.doesNotMatch(platformLogs(rig), new RegExp(SECRET));
  assert.doesNotMatch(await onServer(rig, 'server1', 'ps -eww -o args'), new RegExp(SECRET));
  assert.match(
    await onServer(rig, 'server1', 'ps -eww -o args'),
    /node server\.js/,
    'the list shows the instance at all',
  );
  assert.doesNotMatch(await onServer(rig, 'server1', 'journalctl --no-pager -o cat || true'), new RegExp(SECRET));
});

test('a destroyed app leaves nothing on servers or in S3, and its name is free', async () => {
  const destroyed = await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  assert.equal(destroyed.exitCode, 0, destroyed.stdout + destroyed.stderr);
  assert.equal((await visit(rig, APP)).status, 404);
  assert.deepEqual(await listingAtRest(rig), untouched);
  assert.deepEqual(await objectKeys(rig, 'apps/'), []);
  assert.equal((await dcdget(rig, 'apps:create', APP)).exitCode, 0);
  assert.equal((await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP)).exitCode, 0);
});

async function newestOperation(): Promise<{ operation: Operation; text: string }> {
  const [newest] = await dcdgetJson<{ id: string }[]>(rig, 'operations', '--app', APP);
  assert.ok(newest, 'the app has an operation');
  const operation = await dcdgetJson<Operation>(rig, 'operations:info', newest.id);
  return { operation, text: (await dcdget(rig, 'operations:info', newest.id)).stdout };
}
