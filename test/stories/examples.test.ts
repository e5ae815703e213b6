import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dcdget } from '../rig/command-line.ts';
import { createLaptop } from '../rig/laptop.ts';
import { onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
/** Compiles side by side; more would only wait for each other's processor. */
const AT_A_TIME = 2;
const LOG_TIMEOUT_MS = 20_000;

type Example = {
  name: string;
  /** What the page at `/` holds and no other example's does. */
  answer?: RegExp;
  /** What makes this example another one than the rest. */
  proves?: (app: string) => Promise<void>;
};

const examples: Example[] = [
  { name: 'guestbook-django', answer: /opened by its first migration/, proves: answersStyles },
  { name: 'hello-go', answer: /^Hello from Go, dcdget!$/m },
  { name: 'hello-java', answer: /^Hello from Java, dcdget!$/m },
  { name: 'fastify-typescript', answer: /Hello from Fastify and TypeScript!/ },
  { name: 'vite-site', answer: /<title>A site built by Vite<\/title>/, proves: findsItsWay },
  { name: 'hello-node', answer: /^Hello from dcdget!$/m },
  { name: 'hello-ruby', answer: /^Hello from Ruby, dcdget!$/m },
  { name: 'hello-flask', answer: /^Hello from Flask, dcdget!$/m },
  { name: 'rotation-probe', answer: /^try-rotation-probe\.web\.1\.v2\./m },
  { name: 'clock-worker', proves: worksAlone },
];

let rig: Rig;

before(async () => {
  rig = await useRig('examples');
});
after(() => rig.stop());

describe('an example goes live by git push and does what it is for:', { concurrency: AT_A_TIME }, () => {
  for (const example of examples) test(example.name, (context) => tryExample(context, example));
});

test('every example has its turn', () => {
  const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(examples.map(({ name }) => name).toSorted(), folders.map(({ name }) => name).toSorted());
});

async function tryExample(context: TestContext, { name, answer, proves }: Example): Promise<void> {
  const app = `try-${name}`;
  await succeeds('apps:create', app);
  const started = performance.now();
  const log = await pushed(context, name, app);
  context.diagnostic(`${name} was live in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  assert.match(log, /remote: .*app detected/);
  assert.match(log, new RegExp(`remote: -----> ${app} v2 is live`));
  if (answer) {
    const page = await visit(rig, app);
    assert.equal(page.status, 200);
    assert.match(page.body, answer);
  }
  await proves?.(app);
  await succeeds('apps:destroy', '--app', app, '--confirm', app);
}

/** Makes the example a repository of its own and pushes it; what the push showed. */
async function pushed(context: TestContext, name: string, app: string): Promise<string> {
  const laptop = createLaptop(rig, copyExample(name));
  context.after(() => laptop.remove());
  await laptop.must('init', '--quiet', '--initial-branch', 'main');
  await laptop.must('add', '--all');
  await laptop.must('commit', '--quiet', '--message', name);
  const remote = await laptop.dcdget('git:remote', '--app', app);
  assert.equal(remote.exitCode, 0, remote.stdout + remote.stderr);
  return laptop.must('push', 'dcdget', 'main');
}

async function succeeds(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await dcdget(rig, ...words);
  assert.equal(exitCode, 0, `dcdget ${words.join(' ')} exited ${exitCode}:\n${stdout}${stderr}`);
  return stdout;
}

/** The style sheet is at a name that `collectstatic` gave it, which the page knows. */
async function answersStyles(app: string): Promise<void> {
  const [, styles = ''] = /href="([^"]+\.css)"/.exec((await visit(rig, app)).body) ?? [];
  assert.match(styles, /^\/static\/.+\.[0-9a-f]{12}\.css$/);
  assert.equal((await visit(rig, app, styles)).status, 200);
}

/** What the build made is there, every page is the same one, and what is not there is said to be so. */
async function findsItsWay(app: string): Promise<void> {
  const home = await visit(rig, app);
  const [, script = ''] = /src="([^"]+\.js)"/.exec(home.body) ?? [];
  assert.match(script, /^\/assets\/index-/);
  assert.match((await visit(rig, app, script)).body, /This page was built by Vite/);
  assert.deepEqual(await visit(rig, app, '/about'), home);
  assert.equal((await visit(rig, app, '/assets/missing.js')).status, 404);
}

/** Without a web process nobody answers; the log tells that it works. */
async function worksAlone(app: string): Promise<void> {
  await succeeds('ps:scale', 'worker=1', '--app', app);
  assert.match(await succeeds('ps', '--app', app), /worker\.1.*up/);
  const deadline = performance.now() + LOG_TIMEOUT_MS;
  let log = '';
  while (!/round 2$/m.test(log)) {
    assert.ok(performance.now() < deadline, `the worker did not reach its second round:\n${log}`);
    await sleep(500);
    log = await onServer(rig, 'server1', `cat /srv/dcdget/apps/${app}/log/*`);
  }
}
