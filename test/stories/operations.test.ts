import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { atRest } from '../rig/histories.ts';
import { listingAtRest } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'versatile';
type Dyno = { name: string; state: string; id: string; release: { version: number } };

let rig: Rig;

before(async () => {
  rig = await useRig('operations');
  await dcdgetJson(rig, 'apps:create', APP);
  const source = copyExample('hello-node');
  await succeeds('deploy', source.folder);
  source.remove();
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('scaling up starts only what is missing, scaling down retires only what is too many', async () => {
  const [first] = await dynos();
  await succeeds('ps:scale', 'web=3');
  const three = await dynos();
  assert.deepEqual(
    three.map(({ name, state }) => [name, state]),
    [1, 2, 3].map((number) => [`web.${number}`, 'up']),
  );
  assert.equal(three[0]?.id, first?.id, 'web.1 is the same instance');
  await succeeds('ps:scale', 'web=1');
  assert.deepEqual(
    (await dynos()).map(({ id }) => id),
    [first?.id],
  );
  assert.equal((await containers()).length, 1);
});

test('a restart gives the same release a new instance', async () => {
  const [before] = await dynos();
  await succeeds('ps:restart');
  const [restarted, ...others] = await dynos();
  assert.equal(others.length, 0);
  assert.notEqual(restarted?.id, before?.id);
  assert.equal(restarted?.release.version, before?.release.version);
  assert.equal((await containers()).length, 1);
});

test('a rollback brings code and config of an older release back, under a new number', async () => {
  await succeeds('config:set', 'GREETING=Good evening');
  assert.match((await visit(rig, APP)).body, /Good evening/);
  await succeeds('rollback', 'v2');
  assert.match((await visit(rig, APP)).body, /Hello/);
  const [newest] = await dcdgetJson<{ version: number; current: boolean; description: string }[]>(
    rig,
    'releases',
    '--app',
    APP,
  );
  assert.deepEqual([newest?.version, newest?.current], [4, true]);
  assert.deepEqual(await dcdgetJson(rig, 'config', '--app', APP), {});
});

test('maintenance shows a page and no instance is touched', async () => {
  const [before] = await dynos();
  await succeeds('maintenance:on');
  const { status, body } = await visit(rig, APP);
  assert.equal(status, 503);
  assert.match(body, /maintenance/);
  await succeeds('maintenance:off');
  assert.equal((await visit(rig, APP)).status, 200);
  assert.equal((await dynos())[0]?.id, before?.id);
});

test('a request to a paused app is held, and served when the app is resumed', async () => {
  await succeeds('apps:pause');
  const held = visit(rig, APP);
  const first = await Promise.race([held.then(() => 'answered'), sleep(1000, 'held')]);
  assert.equal(first, 'held');
  await succeeds('apps:resume');
  assert.equal((await held).status, 200);
});

test('operations of one app asked for at once run one after the other, and all of them end', async () => {
  const values = ['one', 'two', 'three', 'four', 'five'];
  const asked = await Promise.all(values.map((value) => rig.api.changeConfigVars(APP, { TURN: value })));
  const ids = asked.flatMap(({ operationId }) => operationId ?? []);
  assert.equal(ids.length, values.length);
  const ended = [];
  for (const id of ids) {
    await dcdget(rig, 'operations:watch', id);
    ended.push(await rig.api.operation(id));
  }
  for (const operation of ended) assert.equal(operation.state, 'succeeded', JSON.stringify(operation.failure));
  const spans = ended
    .map(({ started_at, ended_at }) => [started_at ?? '', ended_at ?? ''])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  for (const [index, [, end]] of spans.entries()) {
    const [next] = spans[index + 1] ?? [];
    if (next !== undefined) assert.ok((end ?? '') <= next, 'one ends before the next begins');
  }
  assert.equal((await containers()).length, 1);
});

async function succeeds(...words: string[]): Promise<void> {
  const ran = await dcdget(rig, ...words, '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
}

async function dynos(): Promise<Dyno[]> {
  await atRest(rig);
  return (await dcdgetJson<{ dynos: Dyno[] }>(rig, 'ps', '--app', APP)).dynos;
}

async function containers(): Promise<string[]> {
  return (await listingAtRest(rig)).filter((item) => item.includes(': container ') && item.includes(`${APP}.web.`));
}
