import { parseArgs } from 'node:util';
import { removeOwnRigs } from '../test/rig/rig.ts';
import { benchBuild } from './build.ts';
import { benchDeploy, PARTS, type Part } from './deploy.ts';
import { benchLogsDisk } from './logs-disk.ts';
import { benchLogsTail } from './logs-tail.ts';
import { benchRotation } from './rotation.ts';
import { benchRun } from './run.ts';

const USAGE = `usage: bin/bench deploy [warm] [crowd] [scale] [series] [--deploys N] [--series N] [--json]
       bin/bench rotation [--rotations N] [--rate N] [--json]
       bin/bench build [--rounds N] [--json]
       bin/bench logs disk [--rounds N] [--json]
       bin/bench logs tail [--lines N] [--json]
       bin/bench run [--sessions N] [--json]

  deploy     the named parts, or all:
    warm       N warm deploys of a cached slug (--deploys, default 20) beside the floor, one bare script on the server
    crowd      20 apps at once, beside the same 20 in a row and 20 bare scripts at once
    scale      one app from 1 to 20 processes
    series     N deploys in a row (--series, default 300): nothing on the servers and in memory may grow
  rotation   at least N rotations of one app (default 100) under N requests a second (default 500): none may be lost
  build      N warm builds of two examples (default 6), and cold ones, beside the bare commands of their package managers
  logs disk  N times (default 6) 256 MB of lines into a log through ps-dock, beside \`cat >file\` and a container without it
  logs tail  N lines (default 500000) from a sender through the log hub to dcdget logs --tail, beside one TLS connection
  run        one-off sessions: N set-ups (default 10) beside a bare container, echo among hostile connections, throughput`;

const MOST_TIMES = 1000;
const MOST_RATE = 2000;
const MOST_LINES = 1_000_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    deploys: { type: 'string', default: '20' },
    series: { type: 'string', default: '300' },
    rotations: { type: 'string', default: '100' },
    rate: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '6' },
    lines: { type: 'string', default: '500000' },
    sessions: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});

// Whoever ends it early finds nothing left either.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void removeOwnRigs().finally(() => process.exit(1)));
}
const [name = '', ...words] = positionals;
process.exit((await bench()) ? 0 : 1);

function bench(): Promise<boolean> {
  const { json } = values;
  if (name === 'deploy') {
    const parts = words.length === 0 ? PARTS : words.map(partOf);
    const [deploys, series] = [countOf(values.deploys, MOST_TIMES), countOf(values.series, MOST_TIMES)];
    return benchDeploy({ parts, deploys, series, json });
  }
  if (name === 'build' && words.length === 0) return benchBuild({ rounds: countOf(values.rounds, MOST_TIMES), json });
  if (name === 'logs' && words.join(' ') === 'disk') {
    return benchLogsDisk({ rounds: countOf(values.rounds, MOST_TIMES), json });
  }
  if (name === 'logs' && words.join(' ') === 'tail') {
    return benchLogsTail({ lines: countOf(values.lines, MOST_LINES), json });
  }
  if (name === 'run' && words.length === 0) return benchRun({ sessions: countOf(values.sessions, MOST_TIMES), json });
  if (name !== 'rotation' || words.length > 0) return refuse();
  return benchRotation({
    rotations: countOf(values.rotations, MOST_TIMES),
    rate: countOf(values.rate, MOST_RATE),
    json,
  });
}

function partOf(word: string): Part {
  return PARTS.find((part) => part === word) ?? refuse();
}

function countOf(text: string, most: number): number {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= most ? count : refuse();
}

function refuse(): never {
  console.error(USAGE);
  process.exit(64);
}
