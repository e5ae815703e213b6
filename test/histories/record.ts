// bin/test record-histories: brings every kind of operation to every kind of end on a dcdget of its own, and keeps
// what Temporal recorded of them in this folder, for the replay test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewSession, Session } from '../../cli/api-types.ts';
import { ARCHIVE_SCHEDULE_ID } from '../../domain/log-archive.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { processState } from '../../embedded/processes.ts';
import { clearFailpoint, hasFired, placeFailpoint } from '../faults/failpoints.ts';
import { copySource, type SourceTree } from '../rig/source-tree.ts';
import { dcdget, dcdgetJson, type Ran } from '../rig/command-line.ts';
import { recordedHistories, runScheduled } from '../rig/histories.ts';
import { onServer } from '../rig/machine.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import type { Failpoint } from '../../workers/failpoints.ts';
import { scrubbed } from './scrub.ts';

const APP = 'recorded';
const PROBE = join(import.meta.dirname, '../faults/probe');
const CLI = join(import.meta.dirname, '../../cli/bin.ts');
const SESSION_MS = 60_000;
const NEEDS_OPERATOR_EXIT_CODE = 75;
/** A queue ends when nothing has come for five seconds. */
const QUEUE_ENDS_MS = 7000;

type Expected = 'succeeded' | 'failed' | 'needs-operator';

const settings = { WATCH_SECONDS: '1', DRAIN_SECONDS: '2', BOOT_SECONDS: '10', RETRY_BUDGET_SECONDS: '5' };

/** Records anew what is in this folder. The files of before stay when it fails. */
export async function recordHistories(): Promise<number> {
  const rig = await startRig({ name: 'record', settings });
  const source = copySource(PROBE);
  const names = new Map<string, string>();
  try {
    await perform(rig, source, names);
    await sleep(QUEUE_ENDS_MS);
    return await keep(rig, names);
  } finally {
    source.remove();
    await rig.stop();
  }
}

async function perform(rig: Rig, source: SourceTree, names: Map<string, string>): Promise<void> {
  const play = (name: string, expected: Expected, words: string[], fault?: Failpoint) =>
    performOne(rig, names, {
      name,
      expected,
      words: [...words, '--app', APP],
      ...(fault === undefined ? {} : { fault }),
    });
  const deploy = ['deploy', source.folder];
  // Taken back as it was asked to be: the command succeeds, the deploy does not.
  const decide = async (name: string, expected: Expected, action: 'retry' | 'skip' | 'undo', id: string) => {
    names.set(id, name);
    expects(expected, await dcdget(rig, `operations:${action}`, id, '--reason', 'it was looked into'), name);
  };

  await dcdgetJson(rig, 'apps:create', APP);
  await play('deploy', 'succeeded', deploy);
  await play('deploy-not-compiled', 'succeeded', deploy);
  await play('deploy-step-retried', 'succeeded', deploy, { step: 'uploadSlug', mode: 'before' });
  await play('deploy-step-done-twice', 'succeeded', deploy, { step: 'createContainer', mode: 'after-effect' });
  await play('deploy-worker-killed', 'succeeded', deploy, { step: 'startProcess', mode: 'kill' });
  await play('deploy-cancelled-early', 'failed', deploy, { step: 'compileSlug', mode: 'cancel' });
  await play('deploy-cancelled-late', 'failed', deploy, { step: 'updateNginx', mode: 'cancel' });
  await play('deploy-cancelled-too-late', 'succeeded', deploy, { step: 'retireContainer', mode: 'cancel' });
  for (const [action, end] of [
    ['retry', 'succeeded'],
    ['skip', 'succeeded'],
    ['undo', 'succeeded'],
  ] as const) {
    const name = `deploy-asks-${action}`;
    const id = await play(name, 'needs-operator', deploy, { step: 'runReleaseCommand', mode: 'unknown' });
    await decide(name, end, action, id);
  }
  await superseded(rig, source);
  await performOthers(rig);
  await play('config', 'succeeded', ['config:set', 'GREETING=welcome']);
  await play('config-failed', 'failed', ['config:set', 'NODE_OPTIONS=--no-such-option']);
  await play('scale-up', 'succeeded', ['ps:scale', 'web=2', 'worker=1']);
  await play('scale-down', 'succeeded', ['ps:scale', 'web=1']);
  await play('scale-failed', 'failed', ['ps:scale', 'web=100']);
  await play('restart', 'succeeded', ['ps:restart']);
  await play('restart-one', 'succeeded', ['ps:restart', 'web.1']);
  await play('rollback', 'succeeded', ['rollback']);
  await play('maintenance-on', 'succeeded', ['maintenance:on']);
  await play('maintenance-off', 'succeeded', ['maintenance:off']);
  await play('pause', 'succeeded', ['pause']);
  await play('resume', 'succeeded', ['resume']);
  await performSessions(rig, names);
  source.edit('server.js', /^/, 'process.exit(7);\n');
  await play('deploy-crashed', 'failed', deploy);
  source.write('package.json', '{');
  await play('deploy-not-compilable', 'failed', deploy);
  await play('destroy', 'succeeded', ['apps:destroy', '--confirm', APP]);
}

type Play = { name: string; expected: Expected; words: string[]; fault?: Failpoint };

/** Returns the operation's id. */
async function performOne(
  rig: Rig,
  names: Map<string, string>,
  { name, expected, words, fault }: Play,
): Promise<string> {
  const known = new Set((await rig.api.operations(undefined, 100)).map(({ id }) => id));
  if (fault !== undefined) placeFailpoint(rig, fault);
  const running = dcdget(rig, ...words);
  const isOver = running.then(() => true);
  while (!(await Promise.race([isOver, sleep(100, false)]))) {
    if (processState(rig.folder, 'worker') === 'died') await rig.restartWorker();
  }
  if (!hasFired(rig)) {
    clearFailpoint(rig);
    throw new Error(`${name}: the fault did not happen`);
  }
  expects(expected, await running, name);
  const added = (await rig.api.operations(undefined, 100)).find(({ id }) => !known.has(id));
  if (added === undefined) throw new Error(`${name} began no operation`);
  names.set(added.id, name);
  console.log(`${name}: ${expected}`);
  return added.id;
}

/** What is no operation of an app: as it is asked for, and as the schedule does it. */
async function performOthers(rig: Rig): Promise<void> {
  await onServer(rig, 'server1', 'systemctl stop "dcdget@*"');
  expects('succeeded', await dcdget(rig, 'servers:check', '--repair'), 'check-servers');
  await dcdgetJson(rig, 'servers:check');
  await runScheduled(rig, ARCHIVE_SCHEDULE_ID);
  await dcdgetJson(rig, 'logs:archive', '--now', '--app', APP);
}

/** One-off sessions, each kind of end. */
async function performSessions(rig: Rig, names: Map<string, string>): Promise<void> {
  const begin = async (name: string, command: string, more: Partial<NewSession> = {}): Promise<string> => {
    const { id } = await rig.api.createSession(APP, { command, ...more });
    names.set(id, name);
    return id;
  };
  const until = (id: string, awaited: string, isSo: (session: Session) => boolean) =>
    waitFor({ awaited: `a session to be ${awaited}`, timeoutMs: SESSION_MS, intervalMs: 200 }, async () =>
      isSo(await rig.api.session(APP, id)) ? true : null,
    );
  const isOver = ({ ended_at: endedAt }: Session) => endedAt !== null;
  const isUp = ({ state }: Session) => state === 'up';

  await until(await begin('run-exit', 'exit 3'), 'over', isOver);
  await until(await begin('run-lasted', 'sleep 600', { time_to_live: 3 }), 'over', isOver);
  const stopped = await begin('run-stopped', 'sleep 600');
  await until(stopped, 'up', isUp);
  await rig.api.stopSession(APP, stopped);
  await until(stopped, 'over', isOver);
  const left = await begin('run-worker-killed', 'sleep 12');
  await until(left, 'up', isUp);
  await rig.killWorker();
  await rig.restartWorker();
  await until(left, 'over', isOver);
  const deserted = await desert(rig);
  names.set(deserted, 'run-client-gone');
  await until(deserted, 'over', isOver);
}

/** A session whose client is killed; returns its id. */
async function desert(rig: Rig): Promise<string> {
  const env = { ...process.env, ...rig.client };
  const client = spawn(process.execPath, [CLI, 'run', '--app', APP, 'echo up; sleep 600'], { env });
  try {
    await once(client.stdout, 'data', { signal: AbortSignal.timeout(SESSION_MS) });
    const session = (await rig.api.dynos(APP)).find(({ type }) => type === 'run');
    if (session === undefined) throw new Error('the session is not among the processes');
    return session.id;
  } finally {
    client.kill('SIGKILL');
  }
}

/** Three at once: one runs, and of the two that wait only the newer one will. */
async function superseded(rig: Rig, source: SourceTree): Promise<void> {
  const deploys = [1, 2, 3].map(async (number) => {
    await sleep(number * 300);
    return dcdget(rig, 'deploy', source.folder, '--app', APP);
  });
  const said = (await Promise.all(deploys)).map(({ stdout, stderr }) => stdout + stderr).join('');
  if (!said.includes('superseded')) throw new Error(`no deploy was superseded:\n${said}`);
}

function expects(expected: Expected, { exitCode, stdout, stderr }: Ran, name: string): void {
  const codes = { succeeded: 0, failed: 1, 'needs-operator': NEEDS_OPERATOR_EXIT_CODE };
  if (exitCode !== codes[expected]) throw new Error(`${name} exited ${exitCode}, not ${expected}:\n${stdout}${stderr}`);
}

/** Returns how many were kept. */
/** Workflows that are no operation, and how many of each are kept. */
const OTHERS = new Map([
  ['appQueue', { name: 'queue', most: 3 }],
  ['addServer', { name: 'add-server', most: 3 }],
  ['retireInstances', { name: 'retire', most: 3 }],
  ['checkServers', { name: 'check-servers', most: 2 }],
  ['archiveLogs', { name: 'archive-logs', most: 2 }],
]);

async function keep(rig: Rig, names: ReadonlyMap<string, string>): Promise<number> {
  const kept: [string, string][] = [];
  const counts = new Map<string, number>();
  for (const { workflowId, type, history } of await recordedHistories(rig)) {
    const name = names.get(workflowId.split('/').at(-1) ?? '') ?? numbered(type, counts);
    if (name !== null) kept.push([name, scrubbed(history)]);
  }
  for (const file of globSync('*.json', { cwd: import.meta.dirname })) rmSync(join(import.meta.dirname, file));
  for (const [name, text] of kept) writeFileSync(join(import.meta.dirname, `${name}.json`), `${text}\n`);
  return kept.length;
}

function numbered(type: string, counts: Map<string, number>): string | null {
  const other = OTHERS.get(type);
  const count = (counts.get(type) ?? 0) + 1;
  counts.set(type, count);
  return other === undefined || count > other.most ? null : `${other.name}-${count}`;
}
