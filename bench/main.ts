import { parseArgs } from 'node:util';
import { benchDeploy } from './deploy.ts';

const USAGE = `usage: bin/bench deploy [--deploys N] [--json]

  deploy   N warm deploys of a cached slug (default 20) beside the floor, one bare script on the server`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { deploys: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const deploys = Number(values.deploys);
if (positionals.join(' ') !== 'deploy' || !Number.isInteger(deploys) || deploys < 1 || deploys > 1000) {
  console.error(USAGE);
  process.exit(64);
}
process.exit((await benchDeploy({ deploys, json: values.json })) ? 0 : 1);
