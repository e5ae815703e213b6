import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildAssets } from '../embedded/assets.ts';
import { percentile, ratioOf, table } from './figures.ts';

const TIMEOUT_MS = 120_000;
const MEGABYTES = 256;
/** Bytes a line, its line feed included. */
const LINES = [20, 100, 1000] as const;
const USUAL_LINE_BYTES = 100;
const MOST_RATIO = 5;
const USER = 21_000;
/** A container as far as writing goes: processes, mounts and network of its own. */
const CONTAINED = ['--pid', '--fork', '--mount', '--net', '--mount-proc'];

/** Of lines of one length: what the app wrote, a second, through ps-dock and without it. */
type DiskFigures = {
  lineBytes: number;
  mbPerSecond: number;
  linesPerSecond: number;
  catMbPerSecond: number;
  bareMbPerSecond: number;
  /** How many times as long as `cat >file`, and as a container that writes to a file itself. */
  catRatio: number;
  bareRatio: number;
};

export type LogDiskFigures = { disk: DiskFigures[]; kept: boolean };

type Way = 'psDock' | 'cat' | 'bare';
const WAYS: readonly Way[] = ['cat', 'bare', 'psDock'];

/** How fast ps-dock writes what an app prints. */
export async function benchLogsDisk({ rounds, json }: { rounds: number; json: boolean }): Promise<boolean> {
  const say = json ? () => {} : (line: string) => console.log(line);
  const disk = await measureDisk(rounds, say);
  say(`\n${diskTable(disk)}\n`);
  const figures: LogDiskFigures = { disk, kept: isKept(disk) };
  if (json) console.log(JSON.stringify(figures));
  return figures.kept;
}

/** The same output three ways, in turn, and the median of the rounds. */
async function measureDisk(rounds: number, say: (line: string) => void): Promise<DiskFigures[]> {
  const { psDock } = await buildAssets(cacheFolder(), say);
  const figures: DiskFigures[] = [];
  for (const lineBytes of LINES) {
    const times: Record<Way, number[]> = { psDock: [], cat: [], bare: [] };
    for (let round = 1; round <= rounds; round += 1) {
      for (const way of WAYS) times[way].push(await writeMs(way, psDock, lineBytes));
    }
    figures.push(figuresOf(lineBytes, times));
  }
  return figures;
}

function isKept(figures: readonly DiskFigures[]): boolean {
  const usual = figures.find(({ lineBytes }) => lineBytes === USUAL_LINE_BYTES);
  return usual !== undefined && usual.catRatio <= MOST_RATIO;
}

function diskTable(figures: readonly DiskFigures[]): string {
  return table([
    ['written to the log (MB/s)', 'ps-dock', 'lines/s', 'cat', 'ratio', 'without it', 'ratio'],
    ...figures.map((one) => [
      `lines of ${one.lineBytes} bytes`,
      one.mbPerSecond.toFixed(0),
      one.linesPerSecond.toFixed(0),
      one.catMbPerSecond.toFixed(0),
      String(one.catRatio),
      one.bareMbPerSecond.toFixed(0),
      String(one.bareRatio),
    ]),
  ]);
}

function figuresOf(lineBytes: number, times: Record<Way, number[]>): DiskFigures {
  const [psDock, cat, bare] = (['psDock', 'cat', 'bare'] as const).map((way) => percentile(times[way], 0.5)) as [
    number,
    number,
    number,
  ];
  const mbPerSecond = (ms: number) => (MEGABYTES * 1000) / ms;
  return {
    lineBytes,
    mbPerSecond: mbPerSecond(psDock),
    linesPerSecond: (mbPerSecond(psDock) * 1_000_000) / lineBytes,
    catMbPerSecond: mbPerSecond(cat),
    bareMbPerSecond: mbPerSecond(bare),
    catRatio: ratioOf(psDock, cat),
    bareRatio: ratioOf(psDock, bare),
  };
}

/** From the start of the writer until everything is in a file; all of it is kept until then. */
async function writeMs(way: Way, psDock: string, lineBytes: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-bench-logs-'));
  try {
    const lines = Math.round((MEGABYTES * 1_000_000) / lineBytes);
    const output = `yes ${'x'.repeat(lineBytes - 1)} | head -n ${lines}`;
    const [program, args] = commandOf(way, psDock, folder, output);
    await promisify(execFile)('sync');
    const began = performance.now();
    await promisify(execFile)(program, args, { timeout: TIMEOUT_MS });
    return performance.now() - began;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function commandOf(way: Way, psDock: string, folder: string, output: string): [string, string[]] {
  const file = join(folder, 'web.1.log');
  if (way === 'cat') return ['bash', ['-c', `${output} | cat >${file}`]];
  if (way === 'bare') return ['unshare', [...CONTAINED, 'bash', '-c', `{ ${output}; } >${file}`]];
  return ['unshare', [...CONTAINED, psDock, '--config', writeInstance(folder, file, output)]];
}

function writeInstance(folder: string, logFile: string, command: string): string {
  const environmentFile = join(folder, 'environment');
  const instance = {
    instance: 'hello.web.1.v1.1',
    command,
    directory: '/',
    user: { uid: USER, gid: USER },
    logFile,
    logKeep: 1000,
    stateFile: join(folder, 'state.json'),
    environmentFile,
  };
  writeFileSync(environmentFile, 'HOME=/\0');
  writeFileSync(join(folder, 'instance.json'), JSON.stringify(instance));
  return join(folder, 'instance.json');
}

function cacheFolder(): string {
  return join(process.env['DCDGET_HOME'] ?? join(homedir(), '.dcdget'), 'cache');
}
