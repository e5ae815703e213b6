import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Operation } from '../../cli/api-types.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { listingAtRest } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'steadfast';

let rig: Rig;
let serving: string[];

type Failed = { step: string; code: string; message: RegExp; output: RegExp };

before(async () => {
  rig = await useRig('failures');
  await dcdgetJson(rig, 'apps:create', APP);
  const source = copyExample('hello-node');
  const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  source.remove();
  assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
  serving = await listingAtRest(rig);
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('a deploy whose compile fails ends failed with the last lines of the compiler', async () => {
  await failsTo({
    change: (source) =>
      source.edit('package.json', '"scripts": {', '"scripts": { "build": "echo compiling the wrong thing && exit 3",'),
    expect: { step: 'compileSlug', code: 'build_failed', message: /./, output: /compiling the wrong thing/ },
  });
});

test('a deploy whose process crashes at boot ends failed with its exit code and last lines', async () => {
  await failsTo({
    change: (source) => source.write('server.js', 'console.error("no database here");\nprocess.exit(7);\n'),
    expect: { step: 'checkHealth', code: 'app_crashed', message: /web\.1.*7/, output: /no database here/ },
  });
});

test('a deploy whose health check never passes ends failed with the status', async () => {
  await failsTo({
    change: (source) => source.edit('server.js', 'response.type(', 'response.status(500).type('),
    expect: { step: 'checkHealth', code: 'health_check_failed', message: /web\.1.*500/, output: /listens on port/ },
  });
});

test('a deploy whose process listens on localhost only says so', async () => {
  await failsTo({
    change: (source) =>
      source.edit('server.js', 'process.env.PORT ?? 5000, ', "process.env.PORT ?? 5000, '127.0.0.1', "),
    expect: { step: 'checkHealth', code: 'health_check_failed', message: /0\.0\.0\.0/, output: /listens on port/ },
  });
});

test('a failed config change takes the config back', async () => {
  const before = await dcdgetJson<Record<string, string>>(rig, 'config', '--app', APP);
  const changed = await dcdget(rig, 'config:set', 'NODE_OPTIONS=--no-such-option', '--app', APP);
  assert.equal(changed.exitCode, 1, changed.stdout + changed.stderr);
  assert.deepEqual(await dcdgetJson(rig, 'config', '--app', APP), before);
  await holdsAsBefore();
});

async function failsTo({
  change,
  expect,
}: {
  change: (source: ReturnType<typeof copyExample>) => void;
  expect: Failed;
}) {
  const source = copyExample('hello-node');
  try {
    change(source);
    const deployed = await dcdget(rig, 'deploy', source.folder, '--app', APP);
    assert.equal(deployed.exitCode, 1, deployed.stdout + deployed.stderr);
    assert.match(deployed.stdout + deployed.stderr, expect.output, 'the developer sees the last lines');
  } finally {
    source.remove();
  }
  const [newest] = await dcdgetJson<{ id: string }[]>(rig, 'operations', '--app', APP);
  const { state, failure } = await dcdgetJson<Operation>(rig, 'operations:info', newest?.id ?? '');
  assert.equal(state, 'failed');
  assert.equal(failure?.step, expect.step);
  assert.equal(failure.code, expect.code);
  assert.match(failure.message, expect.message);
  assert.match(failure.output ?? '', expect.output);
  await holdsAsBefore();
}

/** The old release answers, and nothing new stayed on any server. */
async function holdsAsBefore(): Promise<void> {
  const { status, body } = await visit(rig, APP);
  assert.equal(status, 200);
  assert.match(body, /Hello/);
  assert.deepEqual(await listingAtRest(rig), serving);
}
