// The embedded services alone, to work on one part of dcdget by hand:
//   node embedded/services-command.ts up|down|env --state FOLDER [--address ADDRESS]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { invalid } from '../domain/errors.ts';
import { freePorts } from './ports.ts';
import { startServices, stopServices } from './services.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { state: { type: 'string' }, address: { type: 'string', multiple: true } },
});

if (!values.state) throw invalid('--state', 'must name a folder');
const folder = resolve(values.state);
const environmentFile = join(folder, 'services.env');

switch (positionals[0]) {
  case 'up':
    await up(values.address ?? []);
    break;
  case 'down':
    await stopServices(folder);
    break;
  case 'env':
    process.stdout.write(readFileSync(environmentFile, 'utf8'));
    break;
  default:
    throw invalid('the command', 'must be up, down or env');
}

async function up(s3Addresses: string[]): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [temporal, temporalUi, store, s3] = (await freePorts(4)) as [number, number, number, number];
  const environment = await startServices({
    folder,
    cacheFolder: join(process.env['DCDGET_HOME'] ?? join(homedir(), '.dcdget'), 'cache'),
    ports: { temporal, temporalUi, store, s3 },
    s3Addresses,
    throwaway: false,
    environment: {},
    say: (line) => console.log(line),
  });
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(environmentFile, lines.join(''), { mode: 0o600 });
  console.log(`Temporal's Web UI: http://127.0.0.1:${temporalUi}/`);
  console.log(`The variables are in ${environmentFile}`);
}
