import { parseArgs } from 'node:util';
import { benchDeploy } from './deploy.ts';
import { benchRotation } from './rotation.ts';

const USAGE = `usage: bin/bench deploy [--deploys N] [--json]
       bin/bench rotation [--rotations N] [--rate N] [--json]

  deploy     N warm deploys of a cached slug (default 20) beside the floor, one bare script on the server
  rotation   N rotations of one app (default 100) under N requests a second (default 500): none may be lost`;

const MOST_TIMES = 1000;
const MOST_RATE = 2000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    deploys: { type: 'string', default: '20' },
    rotations: { type: 'string', default: '100' },
    rate: { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
  },
});

process.exit((await bench(positionals.join(' '))) ? 0 : 1);

function bench(name: string): Promise<boolean> {
  const { json } = values;
  if (name === 'deploy') return benchDeploy({ deploys: countOf(values.deploys, MOST_TIMES), json });
  if (name !== 'rotation') return refuse();
  return benchRotation({
    rotations: countOf(values.rotations, MOST_TIMES),
    rate: countOf(values.rate, MOST_RATE),
    json,
  });
}

function countOf(text: string, most: number): number {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= most ? count : refuse();
}

function refuse(): never {
  console.error(USAGE);
  process.exit(64);
}
