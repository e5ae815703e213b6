// bin/test: checks, unit tests, stories and faults, one after the other, then one line with the sum.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DcdgetError, invalid } from '../domain/errors.ts';
import { findBinary } from '../embedded/binaries.ts';
import { endCommands } from '../embedded/commands.ts';
import { prepareMachine } from '../embedded/development.ts';
import { findGo, goPath } from '../embedded/go.ts';
import { step } from '../embedded/progress.ts';
import { FIRST_RUN_DISK_GIB, LATER_RUN_DISK_GIB, requireMachine } from '../embedded/requirements.ts';
import { recordHistories } from './histories/record.ts';
import type { Counts } from './rig/count-reporter.ts';
import { removeOwnRigs, startRig, sweepRigs } from './rig/rig.ts';

const ROOT = join(import.meta.dirname, '..');
const FIRST_STORY = 'deploy';
const UNIT_TIMEOUT_MS = 10 * 60_000;
const STORY_TIMEOUT_MS = 15 * 60_000;
const COMMAND_TIMEOUT_MS = 30 * 60_000;
const FAULTS_TIMEOUT_MS = 60 * 60_000;
/** Of the sixty scenarios, others each time. */
const SAMPLE_IN_ALL = 6;
/** What `--only` calls the faults with a name. */
const SERVER_FAULTS = 'servers';
const RECORD = 'record-histories';
const HOME = process.env['DCDGET_HOME'] || join(homedir(), '.dcdget');
const CACHE = join(HOME, 'cache');
const INTERRUPTED_EXIT_CODE = 130;
const SETTLE_MS = 30_000;

const total: Counts = { passed: 0, failed: 0 };
const running = new Set<ChildProcess>();
const scratch = mkdtempSync(join(tmpdir(), `dcdget-test-${process.pid}-`));
let isInterrupted = false;

const interruption = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      isInterrupted = true;
      reject(new DcdgetError('cancelled', 'interrupted'));
    });
  }
});

// Tests that run as another user must be able to pass.
chmodSync(scratch, 0o711);

const work = perform(process.argv.slice(2));
try {
  await Promise.race([work, interruption]);
} catch (error) {
  report(error);
  total.failed += 1;
} finally {
  await cleanUp();
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(isInterrupted ? INTERRUPTED_EXIT_CODE : total.failed > 0 || total.passed === 0 ? 1 : 0);

async function perform(words: readonly string[]): Promise<void> {
  const faults = chooseFaults(words);
  const stories = words[0] === 'faults' || words[0] === RECORD ? [] : chooseStories(words);
  const isFirst = !existsSync(join(CACHE, 'images'));
  requireMachine(HOME, isFirst ? FIRST_RUN_DISK_GIB : LATER_RUN_DISK_GIB);
  await sweepRigs();
  sweepScratch();
  await prepareMachine(CACHE, {}, true);
  if (words[0] === undefined || words[0] === 'all') await checkAndUnit();
  await runStories(stories);
  if (faults !== null) await runFaults(faults);
  if (words[0] === RECORD) total.passed += await recordHistories();
}

/** Nothing, `all`, or `story NAME…`. */
function chooseStories([word, ...names]: readonly string[]): string[] {
  const known = globSync('stories/*.test.ts', { cwd: import.meta.dirname }).toSorted();
  const wanted = word === undefined ? [FIRST_STORY] : names;
  if (word === 'all') return known;
  if (word !== undefined && word !== 'story')
    throw invalid('the command', `is ${word}; it may be all, story NAME…, faults or ${RECORD}`);
  for (const name of wanted) {
    if (!known.includes(`stories/${name}.test.ts`)) throw invalid('the story', `${name} is not in test/stories`);
  }
  return wanted.map((name) => `stories/${name}.test.ts`);
}

type Faults = { seed: number; only: string | undefined; sample: number | undefined; files: readonly string[] };

/** `all` has a few; `faults [--seed N] [--only STEP:MODE|servers[:WORDS]] [--sample N]`; else null. */
function chooseFaults([word, ...options]: readonly string[]): Faults | null {
  const seed = Date.now() % 1_000_000;
  if (word === 'all') return { seed, only: undefined, sample: SAMPLE_IN_ALL, files: ['matrix'] };
  if (word !== 'faults') return null;
  const { values } = parseArgs({
    args: [...options],
    options: { seed: { type: 'string' }, only: { type: 'string' }, sample: { type: 'string' } },
  });
  const number = (name: 'seed' | 'sample') => {
    const value = values[name];
    if (value !== undefined && !/^\d{1,9}$/.test(value)) throw invalid(`--${name}`, 'is a whole number');
    return value === undefined ? undefined : Number(value);
  };
  const isOfServers = values.only?.split(':')[0] === SERVER_FAULTS;
  const files = values.only === undefined ? ['matrix', 'server-faults'] : [isOfServers ? 'server-faults' : 'matrix'];
  return { seed: number('seed') ?? seed, only: values.only, sample: number('sample'), files };
}

async function checkAndUnit(): Promise<void> {
  await part('check', runCheck);
  await part('unit tests', async () => {
    const temporal = await findBinary('temporal', CACHE, () => undefined);
    const env = { TEMPORAL_CLI: temporal };
    return runNodeTests(unitPatterns(), { env, timeoutMs: UNIT_TIMEOUT_MS, concurrency: availableParallelism() });
  });
  await part('unit tests of ps-dock', runGoTests);
}

async function runStories(stories: readonly string[]): Promise<void> {
  if (stories.length === 0) return;
  console.log('\n## a dcdget for the stories\n');
  const rig = await startRig({ name: 'test' });
  const env = { DCDGET_RIG: rig.folder };
  for (const story of stories) {
    const file = join(import.meta.dirname, story);
    const name = `story ${basename(story, '.test.ts')}`;
    await part(name, () => runNodeTests([file], { env, timeoutMs: STORY_TIMEOUT_MS, concurrency: 1 }));
  }
}

/** The generated scenarios, and, unless one of those was asked for, the faults with a name. */
async function runFaults({ seed, only, sample, files }: Faults): Promise<void> {
  console.log(`\n## a dcdget for the faults, seed ${seed}\n`);
  const settings = { WATCH_SECONDS: '0', DRAIN_SECONDS: '3', BOOT_SECONDS: '15', RETRY_BUDGET_SECONDS: '60' };
  const rig = await startRig({ name: 'faults', servers: 2, settings });
  const env = {
    DCDGET_RIG: rig.folder,
    DCDGET_FAULTS_SEED: String(seed),
    ...(only === undefined ? {} : { DCDGET_FAULTS_ONLY: only }),
    ...(sample === undefined ? {} : { DCDGET_FAULTS_SAMPLE: String(sample) }),
  };
  const [kind = '', ...words] = only?.split(':') ?? [];
  const pattern = kind === SERVER_FAULTS ? words.join(':') : '';
  for (const name of files) {
    await part(name, () =>
      runNodeTests([join(import.meta.dirname, `faults/${name}.test.ts`)], {
        env,
        timeoutMs: FAULTS_TIMEOUT_MS,
        concurrency: 1,
        pattern,
      }),
    );
  }
  await rig.stop();
  console.log(`\nfaults: seed ${seed}`);
}

async function part(name: string, work: () => Promise<Counts>): Promise<void> {
  if (isInterrupted) throw new DcdgetError('cancelled', 'interrupted');
  console.log(`\n## ${name}\n`);
  await step(name, async () => {
    const counts = await work();
    // A part that ran nothing has proved nothing.
    if (counts.passed + counts.failed === 0) throw new DcdgetError('internal', `${name} ran no test`);
    total.passed += counts.passed;
    total.failed += counts.failed;
  });
}

async function runCheck(): Promise<Counts> {
  // Some parts need a Go on PATH, and a recent one may be elsewhere.
  const last = await stream(join(ROOT, 'bin/check'), [], { env: { PATH: await goPath(CACHE) } });
  const match = /^check: (\d+) passed, (\d+) failed/.exec(last);
  return match ? { passed: Number(match[1]), failed: Number(match[2]) } : { passed: 0, failed: 1 };
}

/** The patterns of `npm run unit`. */
function unitPatterns(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { unit: string } };
  return [...scripts.unit.matchAll(/"([^"]+)"/g)].map(([, pattern]) => pattern as string);
}

async function runNodeTests(
  files: readonly string[],
  {
    env,
    timeoutMs,
    concurrency,
    pattern = '',
  }: { env: Record<string, string>; timeoutMs: number; concurrency: number; pattern?: string },
): Promise<Counts> {
  const counts = join(scratch, 'counts.json');
  rmSync(counts, { force: true });
  const countReporter = join(import.meta.dirname, 'rig/count-reporter.ts');
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  reporters.push(`--test-reporter=${countReporter}`, `--test-reporter-destination=${counts}`);
  const args = ['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${timeoutMs}`, ...reporters];
  if (pattern !== '') args.push(`--test-name-pattern=${pattern}`);
  args.push(...files);
  await stream(process.execPath, args, { env, timeoutMs: Math.max(timeoutMs, COMMAND_TIMEOUT_MS) });
  // A run that died counted nothing.
  const text = existsSync(counts) ? readFileSync(counts, 'utf8') : '';
  return text === '' ? { passed: 0, failed: 1 } : (JSON.parse(text) as Counts);
}

type GoEvent = { Action: string; Package?: string; Test?: string; Output?: string };

async function runGoTests(): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0 };
  const outputs = new Map<string, string>();
  const count = (line: string) => {
    const { Action, Package = '', Test, Output = '' } = parseGoEvent(line);
    const name = `${Package} ${Test ?? ''}`;
    outputs.set(name, (outputs.get(name) ?? '') + Output);
    if (Action === 'fail') console.log(outputs.get(name));
    if (Action === 'pass' && Test && !Test.includes('/')) counts.passed += 1;
    // A package that does not compile fails without a test; otherwise it fails because a test did.
    if (Action === 'fail' && (Test ? !Test.includes('/') : counts.failed === 0)) counts.failed += 1;
  };
  const folder = join(ROOT, 'ps-dock');
  await stream(await findGo(CACHE), ['test', '-json', '-timeout', '5m', './...'], { cwd: folder, onLine: count });
  return counts;
}

/** What is no event, such as a compiler's message, is output. */
function parseGoEvent(line: string): GoEvent {
  return line.startsWith('{') ? (JSON.parse(line) as GoEvent) : { Action: 'output', Output: `${line}\n` };
}

type Stream = { env?: Record<string, string>; cwd?: string; timeoutMs?: number; onLine?: (line: string) => void };

/** Runs the command to its end, showing its output as it comes. Returns its last line. */
async function stream(
  command: string,
  args: string[],
  { env = {}, cwd = ROOT, timeoutMs = COMMAND_TIMEOUT_MS, onLine = (line) => console.log(line) }: Stream = {},
): Promise<string> {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH: path, TMPDIR: scratch, ...env, DCDGET_HOME: HOME },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  running.add(child);
  const deadline = setTimeout(() => {
    console.log(`${command} was ended: it took longer than ${timeoutMs / 60_000} minutes`);
    endGroup(child);
  }, timeoutMs);
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    onLine(line);
  });
  await new Promise((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  clearTimeout(deadline);
  running.delete(child);
  return last;
}

function endGroup({ pid, exitCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
}

/** Removes the scratch folders of runs that were killed. */
function sweepScratch(): void {
  for (const folder of globSync('dcdget-test-*-*', { cwd: tmpdir() })) {
    const pid = /^dcdget-test-(\d+)-/.exec(folder)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), folder), { recursive: true, force: true });
  }
}

async function cleanUp(): Promise<void> {
  endCommands();
  for (const child of running) endGroup(child);
  await removeOwnRigs();
  // What was being started when it was interrupted fails now; nothing of it may stay either.
  await Promise.race([work.catch(() => undefined), sleep(SETTLE_MS)]);
  await removeOwnRigs();
  rmSync(scratch, { recursive: true, force: true });
}

function report(error: unknown): void {
  if (!(error instanceof Error)) throw error;
  const { output, hint } = error as Partial<DcdgetError>;
  console.error(`bin/test: ${error.message}`);
  if (output) console.error(output.replaceAll(/^/gm, '    '));
  if (hint) console.error(`  ${hint}`);
  if (!(error instanceof DcdgetError)) console.error(error.stack);
}
