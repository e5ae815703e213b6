import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runProgram, type Ran } from '../rig/command-line.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'from-afar';
const PACK = join(import.meta.dirname, '../../cli/pack.sh');

let rig: Rig;
let laptop: string;

before(async () => {
  rig = await useRig('remote');
  laptop = mkdtempSync(join(tmpdir(), 'dcdget-laptop-'));
});
after(async () => {
  await onLaptop('apps:destroy', '--app', APP, '--confirm', APP);
  rmSync(laptop, { recursive: true, force: true });
  await rig.stop();
});

/** The installed command with a URL, a token and a CA: nothing of the checkout, nothing of this shell. */
function onLaptop(...words: string[]): Promise<Ran> {
  const { DCDGET_URL, DCDGET_TOKEN, DCDGET_CA } = rig.client;
  const env = { PATH: process.env['PATH'], HOME: laptop, DCDGET_URL, DCDGET_TOKEN, DCDGET_CA, NO_COLOR: '1' };
  return runProgram(join(laptop, 'bin/dcdget'), words, env, laptop);
}

test('the packed command line installs alone', async () => {
  const packed = await runProgram(PACK, [laptop], process.env);
  assert.equal(packed.exitCode, 0, packed.stdout + packed.stderr);
  const [archive] = globSync('dcdget-*.tgz', { cwd: laptop });
  assert.ok(archive, 'there is an archive');
  const words = ['install', '--global', '--prefix', laptop, '--no-audit', '--no-fund', join(laptop, archive)];
  const installed = await runProgram('npm', words, process.env, laptop);
  assert.equal(installed.exitCode, 0, installed.stdout + installed.stderr);
});

test('from a laptop an app is created, deployed and seen with a URL, a token and a CA', async () => {
  const source = copyExample('hello-node');
  try {
    const created = await onLaptop('apps:create', APP);
    assert.equal(created.exitCode, 0, created.stdout + created.stderr);
    const deployed = await onLaptop('deploy', source.folder, '--app', APP);
    assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
    assert.match((await visit(rig, APP)).body, /Hello/);
  } finally {
    source.remove();
  }
});

test('a wrong token and an app that is not there are one sentence and a failing exit', async () => {
  const { DCDGET_URL, DCDGET_CA } = rig.client;
  const env = { PATH: process.env['PATH'], HOME: laptop, DCDGET_URL, DCDGET_CA, DCDGET_TOKEN: 'wrong', NO_COLOR: '1' };
  const refused = await runProgram(join(laptop, 'bin/dcdget'), ['apps'], env, laptop);
  assert.notEqual(refused.exitCode, 0);
  assert.match(refused.stderr, /token/i);
  assert.doesNotMatch(refused.stderr, /\n\s+at /, 'no stack trace');
  const missing = await onLaptop('apps:info', '--app', 'no-such-app');
  assert.notEqual(missing.exitCode, 0);
  assert.match(missing.stderr, /no-such-app/);
});
