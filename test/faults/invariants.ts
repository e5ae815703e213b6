import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../cli/api-types.ts';
import { isFinal } from '../../domain/operations.ts';
import { stepNumber } from '../../domain/steps.ts';
import { dcdgetJson } from '../rig/command-line.ts';
import { platformLogs } from '../rig/evidence.ts';
import { historyText } from '../rig/histories.ts';
import { onServer } from '../rig/machine.ts';
import { freshAnswers, type LoadReport } from './load.ts';
import type { Subject } from './subject.ts';
import { recordedLines, reservation, type World } from './world.ts';

const FRESH_CONNECTIONS = 200;
/** A worker that was killed is missed after eight seconds; what it did is told by the one after it. */
const TIMELINE_LATE_MS = 20_000;
const UPDATE_ROUTE = readFileSync(join(import.meta.dirname, '../../recipes/nginx/update-route.sh'), 'utf8');

/** I1: nobody saw an error, and those who keep their connection kept it. */
export function assertNothingLost({ requests, lost, keptConnections, keptClients }: LoadReport): void {
  assert.ok(requests > 0, 'there was load');
  assert.equal(lost.length, 0, `${lost.length} of ${requests} requests were lost: ${lost.slice(0, 5).join('; ')}`);
  assert.equal(keptConnections, keptClients, 'every kept connection was opened once');
}

/** I2, I3: the current release answers, each of its web processes and nothing else. */
export async function assertOneRelease({ rig, app }: Subject, world: World, mark: string): Promise<void> {
  const answers = await freshAnswers(rig, app.name, FRESH_CONNECTIONS);
  assert.deepEqual([...new Set(answers.map(({ release }) => release))], [`v${world.current}`]);
  assert.deepEqual([...new Set(answers.map((answer) => answer.mark))], [mark]);
  const recorded = world.instances.filter(({ type }) => type === 'web').map(({ id }) => id);
  assert.deepEqual([...new Set(answers.map(({ instance }) => instance))].toSorted(), recorded.toSorted());
}

/** I4: on the servers is what was there without the app, and what its recorded instances bring; no more, no less. */
export async function assertNoOrphans(subject: Subject, world: World, without: readonly string[]): Promise<void> {
  const expected = [...without, ...(await recordedLines(subject, world))].toSorted();
  assert.deepEqual(differenceOf(world.listing, expected), { tooMuch: [], missing: [] });
  const reserved = world.instances.map((instance) => reservation(instance.serverName, instance)).toSorted();
  assert.deepEqual(differenceOf(world.reservations, reserved), { tooMuch: [], missing: [] });
}

export function differenceOf(found: readonly string[], expected: readonly string[]) {
  return {
    tooMuch: found.filter((line) => !expected.includes(line)),
    missing: expected.filter((line) => !found.includes(line)),
  };
}

/** I5: operation, release and build say the same, and nothing is under way any more. */
export async function assertRecordIsTrue(subject: Subject, world: World, operation: Operation): Promise<void> {
  const { store, app } = subject;
  const record = await store.operations.get(operation.id);
  const release = await store.releases.get(app.id, record.version ?? 0);
  const isLive = record.state === 'succeeded';
  assert.ok(isFinal(record.state) && record.endedAt !== null, `the operation is ${record.state}`);
  assert.equal(release.state, isLive ? 'succeeded' : 'failed', 'the release');
  assert.equal(release.failure === null, isLive, 'the failure of the release');
  if (release.buildId !== null) {
    const build = await store.builds.get(app.id, release.buildId);
    assert.equal(build.state, isLive ? 'succeeded' : 'failed', 'the build');
  }
  assert.equal(world.current === record.version, isLive, `v${world.current} is the current release`);
  for (const { state, version, id } of world.instances) {
    assert.equal(state, 'up', `${id} is ${state}`);
    assert.equal(version, world.current, `${id} is not of the current release`);
  }
  const wished = { web: 2, worker: 1 };
  for (const [type, quantity] of Object.entries(wished)) {
    assert.equal(world.instances.filter((instance) => instance.type === type).length, quantity, `${type} processes`);
  }
  await assertTimelineIsOver(subject, operation);
}

/** The timeline is written behind the steps, a moment later. */
async function assertTimelineIsOver({ rig }: Subject, { id }: Operation): Promise<void> {
  const open = async (): Promise<string[]> => {
    const { steps } = await rig.api.operation(id);
    const rows = steps.filter(({ state }) => state === 'running' || state === 'retrying');
    return rows.map(({ step, subject, state }) => `${step} ${subject} ${state}`);
  };
  const endsAt = Date.now() + TIMELINE_LATE_MS;
  let rows = await open();
  while (rows.length > 0 && Date.now() < endsAt) {
    await sleep(100);
    rows = await open();
  }
  assert.deepEqual(rows, [], 'steps that never ended');
}

/** I6: what may have run twice to no harm is one thing, a release command another. */
export async function assertReleaseCommandsRanOnce({ rig, app }: Subject): Promise<void> {
  const notes = await Promise.all(
    rig.servers.map(({ name }) => onServer(rig, name, `cat /srv/dcdget/apps/${app.name}/shared/releases || true`)),
  );
  const releases = notes.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  assert.ok(releases.length > 1, 'the release commands noted that they ran');
  assert.equal(new Set(releases).size, releases.length, `a release command ran twice: ${releases.join(' ')}`);
}

/** I7: an operation from before the current one can switch nothing back. */
export async function assertFenced(subject: Subject, world: World): Promise<void> {
  const { rig, app } = subject;
  const sequence = Math.max(...world.instances.map((instance) => instance.sequence)) - 1;
  const host = `${app.name}.${rig.environment['APPS_DOMAIN'] ?? 'dcdget.localhost'}`;
  const route = {
    app: app.name,
    appId: app.id,
    sequence,
    step: stepNumber('updateNginx'),
    version: 1,
    hosts: [host],
    state: 'serving',
    instances: [],
  };
  const inputs = [
    `APP=${app.name}`,
    `APP_ID=${app.id}`,
    `SEQUENCE=${sequence}`,
    `STEP=${route.step}`,
    `HOSTS=${host}`,
    `ROUTE_BASE64=${Buffer.from(JSON.stringify(route)).toString('base64')}`,
  ];
  const answer = await onServer(rig, rig.servers[0]?.name ?? '', `env ${inputs.join(' ')} bash -s`, UPDATE_ROUTE);
  assert.match(answer, /"applied":false,"reason":"fenced"/);
}

/** I8: the config value is in no process list and no log of a server. */
export async function assertNoSecretOnServers({ rig, secret }: Subject): Promise<void> {
  for (const { name } of rig.servers) {
    const text = await onServer(
      rig,
      name,
      'ps -eww -o args; journalctl --no-pager -o cat -n 3000; cat /var/log/nginx/*',
    );
    assert.match(text, /node server\.js/, 'the list shows the instance at all');
    assert.ok(!text.includes(secret), `a config value is in the logs or the process list of ${name}`);
  }
}

/** I8: nor in any history of Temporal, log of the platform, operation or release. */
export async function assertNoSecretInRecords({ rig, app, secret }: Subject): Promise<void> {
  const told = {
    histories: await historyText(rig),
    logs: platformLogs(rig),
    operations: JSON.stringify(await dcdgetJson(rig, 'operations', '--app', app.name)),
    releases: JSON.stringify(await dcdgetJson(rig, 'releases', '--app', app.name)),
  };
  for (const [name, text] of Object.entries(told))
    assert.ok(!text.includes(secret), `a config value is in the ${name}`);
}
