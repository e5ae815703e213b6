import { run } from '../embedded/commands.ts';
import { startRig, type Rig } from '../test/rig/rig.ts';
import { copyExample, type SourceTree } from '../test/rig/source-tree.ts';
import { deployFolder } from './app-deploy.ts';
import { bareMs, type Kind } from './build-bare.ts';
import { measureTransfers, transferTable, type TransferFigures } from './build-transfers.ts';
import { percentile, ratioOf, table } from './figures.ts';
import { stepMs } from './operation-times.ts';

const SERVER = 'server1';
const MOST_WARM_RATIO = 1.3;
const LOCK_TIMEOUT_MS = 60_000;
const NPM = new URL('../node_modules/npm/bin/npm-cli.js', import.meta.url).pathname;

type Example = { kind: Kind; commands: string; open: () => Promise<SourceTree>; change: string };

/** Two apps, and the file that the developer changes between two warm builds of one. */
const EXAMPLES: readonly Example[] = [
  { kind: 'npm', commands: 'npm ci && npm run build', open: withNpm, change: 'src/server.ts' },
  { kind: 'pip', commands: 'pip install', open: async () => copyExample('hello-flask'), change: 'app.py' },
];

/** Milliseconds, p50; `bare` is the package manager's own commands in the same state. */
export type KindFigures = {
  coldMs: number;
  bareColdMs: number;
  coldRatio: number;
  warmMs: number;
  bareWarmMs: number;
  warmRatio: number;
  /** The step for a source that was compiled before; null when it was compiled once more. */
  identicalMs: number | null;
};
export type BuildFigures = Record<Kind, KindFigures> & { transfers: TransferFigures; kept: boolean };

type Options = { rounds: number; json: boolean };
type Say = (line: string) => void;

/** Builds of two examples beside the bare commands, and how fast slugs travel. */
export async function benchBuild({ rounds, json }: Options): Promise<boolean> {
  const say: Say = json ? () => {} : (line) => console.log(line);
  const rig = await startRig({ name: 'build', settings: { WATCH_SECONDS: '0', DRAIN_SECONDS: '1' } });
  try {
    await bringImage(rig);
    const kinds = {} as Record<Kind, KindFigures>;
    for (const example of EXAMPLES) kinds[example.kind] = await measureExample(rig, example, rounds, say);
    say(`\n${EXAMPLES.map(({ kind, commands }) => summary(commands, kinds[kind])).join('\n\n')}\n`);
    const transfers = await measureTransfers(rig, SERVER, await slugOf(rig, `${EXAMPLES[0]?.kind}-1`));
    say(`${transferTable(transfers)}\n`);
    const kept = Object.values(kinds).every(isKept);
    const figures: BuildFigures = { ...kinds, transfers, kept };
    if (json) console.log(JSON.stringify(figures));
    return kept;
  } finally {
    await rig.stop();
  }
}

/** The slug of an app's first release, and what the step took that brought it to the server. */
async function slugOf(rig: Rig, app: string): Promise<{ key: string; onServerMs: number }> {
  const { id } = await rig.api.app(app);
  const [key] = await rig.objects(`apps/${id}/slugs/`);
  const first = (await rig.api.operations(app, 100)).at(-1);
  const [onServerMs] = first === undefined ? [] : stepMs(await rig.api.operation(first.id), 'uploadSlug');
  if (key === undefined || onServerMs === undefined) throw new Error(`${app} has no slug`);
  return { key, onServerMs };
}

/** The base image comes with the first deploy to a server; it is no part of a build. */
async function bringImage(rig: Rig): Promise<void> {
  const source = copyExample('clock-worker');
  try {
    await rig.api.createApp('first');
    await deployFolder(rig.api, 'first', source.folder);
  } finally {
    source.remove();
  }
}

async function measureExample(rig: Rig, example: Example, rounds: number, say: Say): Promise<KindFigures> {
  const { kind } = example;
  const source = await example.open();
  const times = { cold: [] as number[], bareCold: [] as number[], warm: [] as number[], bareWarm: [] as number[] };
  try {
    // Registries may keep what they were asked for: nobody is the first to ask.
    await bareMs(rig, SERVER, kind, 'cold', source.folder);
    for (let round = 1; round <= Math.ceil(rounds / 2); round += 1) {
      times.bareCold.push(await bareMs(rig, SERVER, kind, 'cold', source.folder));
      await rig.api.createApp(`${kind}-${round}`);
      times.cold.push((await build(rig, `${kind}-${round}`, source)) ?? Number.NaN);
      say(`${kind} cold ${round}: build ${times.cold.at(-1)} ms, bare commands ${times.bareCold.at(-1)} ms`);
    }
    const app = `${kind}-1`;
    for (let round = 1; round <= rounds; round += 1) {
      source.edit(example.change, /$/, `\n`);
      times.bareWarm.push(await bareMs(rig, SERVER, kind, 'warm', source.folder));
      times.warm.push((await build(rig, app, source)) ?? Number.NaN);
      say(`${kind} warm ${round}: build ${times.warm.at(-1)} ms, bare commands ${times.bareWarm.at(-1)} ms`);
    }
    const identicalMs = await identical(rig, app, source);
    return figuresOf(times, identicalMs);
  } finally {
    source.remove();
  }
}

/** What compileSlug took, or null when there was nothing to compile. */
async function build(rig: Rig, app: string, { folder }: SourceTree): Promise<number | null> {
  return stepMs(await deployFolder(rig.api, app, folder), 'compileSlug')[0] ?? null;
}

async function identical(rig: Rig, app: string, { folder }: SourceTree): Promise<number | null> {
  const { steps } = await deployFolder(rig.api, app, folder);
  const row = steps.find(({ step, state }) => step === 'compileSlug' && state === 'skipped');
  if (row === undefined) return null;
  return Date.parse(row.ended_at ?? '') - Date.parse(row.started_at ?? '');
}

/** The TypeScript example, with npm in place of pnpm. */
async function withNpm(): Promise<SourceTree> {
  const source = copyExample('fastify-typescript');
  source.edit('package.json', /\n *"packageManager": .*/, '');
  source.drop('pnpm-lock.yaml');
  const args = [NPM, 'install', '--package-lock-only', '--omit-lockfile-registry-resolved', '--no-audit', '--no-fund'];
  await run({ command: process.execPath, args, cwd: source.folder, timeoutMs: LOCK_TIMEOUT_MS });
  return source;
}

function figuresOf(
  times: Record<'cold' | 'bareCold' | 'warm' | 'bareWarm', readonly number[]>,
  identicalMs: number | null,
): KindFigures {
  const p50 = (numbers: readonly number[]) => percentile(numbers, 0.5);
  const [coldMs, bareColdMs, warmMs, bareWarmMs] = [times.cold, times.bareCold, times.warm, times.bareWarm].map(
    p50,
  ) as [number, number, number, number];
  return {
    coldMs,
    bareColdMs,
    coldRatio: ratioOf(coldMs, bareColdMs),
    warmMs,
    bareWarmMs,
    warmRatio: ratioOf(warmMs, bareWarmMs),
    identicalMs,
  };
}

function isKept({ warmRatio, identicalMs }: KindFigures): boolean {
  return warmRatio <= MOST_WARM_RATIO && identicalMs !== null;
}

function summary(commands: string, figures: KindFigures): string {
  const { coldMs, bareColdMs, coldRatio, warmMs, bareWarmMs, warmRatio, identicalMs } = figures;
  const same = identicalMs === null ? 'it was compiled again' : `${identicalMs} ms`;
  return table([
    [`build beside \`${commands}\` (ms, p50)`, 'build', 'bare', 'ratio'],
    ['cold', String(coldMs), String(bareColdMs), String(coldRatio)],
    [`warm (ratio at most ${MOST_WARM_RATIO})`, String(warmMs), String(bareWarmMs), String(warmRatio)],
    ['the same source again', same, '', ''],
  ]);
}
