import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../embedded/deadlines.ts';
import { processState } from '../../embedded/processes.ts';
import { placeFailpoint } from '../faults/failpoints.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { listingAtRest } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'survivor';
const STEP_DEADLINE_MS = 120_000;

let rig: Rig;
let source: SourceTree;

before(async () => {
  rig = await useRig('killed');
  source = copyExample('hello-node');
  // Slow enough to be caught in the middle of its boot.
  source.edit('server.js', /^/, 'await new Promise((resolve) => setTimeout(resolve, 1500));\n');
  await dcdgetJson(rig, 'apps:create', APP);
  assert.equal((await dcdget(rig, 'deploy', source.folder, '--app', APP)).exitCode, 0);
});
after(async () => {
  source.remove();
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

for (const [number, step] of ['compileSlug', 'createContainer', 'checkHealth'].entries()) {
  test(`a deploy whose worker is killed with -9 during ${step} ends succeeded, with one set of containers`, async () => {
    source.edit('server.js', /Hello[^!]*!|Round \d!/, `Round ${number}!`);
    // Steps are too short to be met from outside: the worker kills itself in the middle of one.
    placeFailpoint(rig, { step, mode: 'kill' });
    const deploying = dcdget(rig, 'deploy', source.folder, '--app', APP);
    await waitFor({ awaited: `the worker to die in ${step}`, timeoutMs: STEP_DEADLINE_MS }, async () =>
      processState(rig.folder, 'worker') === 'died' ? true : null,
    );
    await rig.restartWorker();
    const deployed = await deploying;
    assert.equal(deployed.exitCode, 0, deployed.stdout + deployed.stderr);
    assert.match((await visit(rig, APP)).body, new RegExp(`Round ${number}!`));
    const mine = (await listingAtRest(rig)).filter((item) => item.includes(`${APP}.web.`));
    assert.equal(mine.filter((item) => item.includes(': container ')).length, 1, mine.join('\n'));
    assert.equal(mine.filter((item) => item.includes(': instances ')).length, 1, mine.join('\n'));
  });
}
