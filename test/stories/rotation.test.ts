// How the new takes over from the old: what app.json asks for, and what happens to those who are still being served.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../embedded/deadlines.ts';
import { dcdget, dcdgetJson, type Ran } from '../rig/command-line.ts';
import { atRest } from '../rig/histories.ts';
import { onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample, type SourceTree } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'rotating';
/** The slow request is answered when this is there. */
const SIGN = `/srv/dcdget/apps/${APP}/shared/go-on`;
const SLOW_WITHIN_MS = 120_000;

let rig: Rig;
let source: SourceTree;

before(async () => {
  rig = await useRig('rotation');
  source = copyExample('hello-node');
  source.write('Procfile', 'web: node server.js\nworker: node worker.js\n');
  source.write('server.js', SERVER);
  source.write('worker.js', WORKER);
  await dcdgetJson(rig, 'apps:create', APP);
  await declares({ formation: { web: { drainSeconds: 120 }, worker: { rotation: 'stop-first' } } });
  assert.equal((await deploy()).exitCode, 0);
  await succeeds('ps:scale', 'worker=1');
});
after(async () => {
  source.remove();
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('a request that is under way has its answer, and holds neither the deploy nor the operation after it', async () => {
  let isAnswered = false;
  const slow = visit(rig, APP, '/slow', SLOW_WITHIN_MS).finally(() => (isAnswered = true));
  await sleep(500);
  await succeeds('config:set', 'ROUND=1');
  await succeeds('config:set', 'ROUND=2');
  assert.equal(isAnswered, false, 'both operations ended while the old instance still answered');
  const awaited = { awaited: 'the instance between the two to go', timeoutMs: 20_000 };
  await waitFor(awaited, async () => {
    const states = (await rig.api.dynos(APP)).filter(({ type }) => type === 'web').map(({ state }) => state);
    return states.toSorted().join(' ') === 'down up' ? true : null;
  });
  assert.equal(isAnswered, false, 'the instance that still answered went with it');
  await onServer(rig, 'server1', `touch ${SIGN}`);
  assert.deepEqual(await slow, { status: 200, body: 'round none' });
  await atRest(rig);
  assert.equal((await visit(rig, APP)).body, 'round 2');
});

test('of a process type that stops first there are never two', async () => {
  await succeeds('config:set', 'ROUND=3');
  await atRest(rig);
  const log = await onServer(rig, 'server1', `cat /srv/dcdget/apps/${APP}/shared/workers`);
  const events = log.trim().split('\n');
  assert.ok(events.filter((event) => event === 'begins').length >= 3, log);
  events.forEach((event, index) => assert.equal(event, index % 2 === 0 ? 'begins' : 'ends', log));
});

test('a declared check that fails ends the deploy with what it saw, and the old release serves', async () => {
  const check = { path: '/health', content: 'all is well', attempts: 2, wait: 0 };
  await declares({ healthchecks: { web: [check] } });
  const ran = await deploy();
  assert.equal(ran.exitCode, 1);
  assert.match(ran.stdout + ran.stderr, /does not hold the expected content, in 2 attempts/);
  assert.equal((await visit(rig, APP)).body, 'round 3');
  await declares({ healthchecks: { web: [{ ...check, content: 'healthy' }] } });
  assert.equal((await deploy()).exitCode, 0);
});

test('a release that answers with errors once it is live goes back by itself', async () => {
  const before = (await rig.api.app(APP)).released_at;
  let isOver = false;
  const visitors = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      await visit(rig, APP);
      await sleep(10);
    }
  });
  const ran = await dcdget(rig, 'config:set', 'BROKEN=yes', '--app', APP);
  isOver = true;
  await Promise.all(visitors);
  assert.equal(ran.exitCode, 1, ran.stdout + ran.stderr);
  assert.match(ran.stdout + ran.stderr, /requests were answered with a status of 500 or more/);
  assert.equal((await visit(rig, APP)).status, 200);
  assert.equal((await rig.api.app(APP)).released_at, before);
  assert.equal((await rig.api.configVars(APP))['BROKEN'], undefined);
});

/** Healthy on its own path, whatever visitors get. */
const SERVER = `
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
const round = \`round \${process.env.ROUND ?? 'none'}\`;
const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('healthy');
  if (request.url === '/slow') return answerLater(response);
  response.statusCode = process.env.BROKEN === 'yes' && !request.headers['user-agent']?.startsWith('dcdget') ? 500 : 200;
  response.end(round);
});
function answerLater(response) {
  response.write('');
  const timer = setInterval(() => {
    if (!existsSync('/shared/go-on')) return;
    clearInterval(timer);
    response.end(round);
  }, 100);
}
server.listen(process.env.PORT);
process.on('SIGTERM', () => server.close());
`;

/** Notes its beginning and its end where every instance of the app sees it. */
const WORKER = `
import { appendFileSync } from 'node:fs';
const note = (event) => appendFileSync('/shared/workers', event + '\\n');
note('begins');
setInterval(() => undefined, 1000);
process.on('SIGTERM', () => {
  note('ends');
  process.exit(0);
});
`;

async function declares(appJson: object): Promise<void> {
  source.write('app.json', JSON.stringify(appJson));
}

async function deploy(): Promise<Ran> {
  return dcdget(rig, 'deploy', source.folder, '--app', APP);
}

async function succeeds(...words: string[]): Promise<void> {
  const ran = await dcdget(rig, ...words, '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
}
