import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { onServer } from '../rig/machine.ts';
import { found, probesOf } from '../rig/probes.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { emptySource } from '../rig/source-tree.ts';

const APP = 'explorer';

let rig: Rig;
/** By server: where SSH and an instance of the app answer. */
let doors: Map<string, string[]>;

// A rig of its own: the first server was ready before there was a second one.
before(async () => {
  rig = await startRig({ name: 'two-servers', servers: 2, settings: { WATCH_SECONDS: '0' } });
  await dcdgetJson(rig, 'apps:create', APP);
  await deploys({ Procfile: 'web: python3 -m http.server $PORT\n' }, 0);
  const scaled = await dcdget(rig, 'ps:scale', 'web=2', '--app', APP);
  assert.equal(scaled.exitCode, 0, scaled.stdout + scaled.stderr);
  doors = new Map();
  for (const { name, host } of rig.servers) {
    const map = await onServer(rig, name, 'nft list map ip dcdget hostports');
    const [, port] = /(2\d{4}) : /.exec(map) ?? [];
    assert.ok(port, `an instance is on ${name}: ${map}`);
    doors.set(name, [`${host} 22`, `${host} ${port}`].toSorted());
  }
});
after(() => rig.stop());

/** What the deploy showed. */
async function deploys(files: Record<string, string>, exitCode: number): Promise<string> {
  const source = emptySource();
  for (const [name, text] of Object.entries(files)) source.write(name, text);
  const ran = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  source.remove();
  assert.equal(ran.exitCode, exitCode, ran.stdout + ran.stderr);
  return ran.stdout;
}

function doorsOf(server: string): string[] {
  return doors.get(server) ?? [];
}

const INSIDE_AN_INSTANCE = `
  instance=$(basename "$(echo /srv/dcdget/instances/${APP}.web.*)")
  nsenter --net --target "$(lxc-info -P /srv/dcdget/instances -n "$instance" -p -H)" bash -s`;

test('an app reaches no other server, whichever of them was there first', async () => {
  for (const [here, there] of [
    ['server1', 'server2'],
    ['server2', 'server1'],
  ] as const) {
    const probes = probesOf(doorsOf(there));
    assert.deepEqual(found(await onServer(rig, here, probes)), doorsOf(there), `${here} itself reaches ${there}`);
    assert.deepEqual(found(await onServer(rig, here, INSIDE_AN_INSTANCE, probes)), []);
  }
});

test('a build reaches no other server, also when that was added after its own', async () => {
  const scripts = { 'heroku-prebuild': 'bash probes.sh' };
  const log = await deploys(
    {
      'package.json': JSON.stringify({ name: 'x', scripts }),
      'package-lock.json': JSON.stringify({ name: 'x', lockfileVersion: 3, packages: {} }),
      'probes.sh': `${probesOf([...doorsOf('server2'), ...doorsOf('server1')])}\necho 'all were tried'\nexit 5\n`,
    },
    1,
  );
  assert.match(log, /all were tried/);
  assert.deepEqual(found(log), []);
});
