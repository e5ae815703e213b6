// What instances and routers tell while they run: the app's lines, changes of state, requests.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../embedded/deadlines.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'telling';

let rig: Rig;

before(async () => {
  rig = await useRig('instance-lines');
  const source = copyExample('hello-node');
  source.write('server.js', SERVER);
  await dcdgetJson(rig, 'apps:create', APP);
  const { exitCode, stdout, stderr } = await dcdget(rig, 'deploy', source.folder, '--app', APP);
  assert.equal(exitCode, 0, stdout + stderr);
  source.remove();
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('lines of the app and changes of its state reach the log hub', async () => {
  const log = await logWith('State changed from starting to up');
  assert.match(log, / dcdget\[web\.1\]: Starting process with command `/);
  assert.match(log, / app\[web\.1\]: it listens$/m);
});

test('an instance that is killed says so, and the run after it goes on in the same log', async () => {
  await visit(rig, APP, '/die').catch(() => null);
  const log = await logWith('State changed from up to crashed');
  assert.match(log, / dcdget\[web\.1\]: Process exited with status 137 \(SIGKILL\)\n/);
  await waitFor({ awaited: 'the app to listen again', timeoutMs: 10_000, intervalMs: 200 }, async () =>
    (await shownLog()).split('it listens').length >= 3 ? true : null,
  );
});

test('an instance that takes more memory than it may is told apart from one that crashes', async () => {
  await waitFor({ awaited: 'the app to answer', timeoutMs: 10_000, intervalMs: 100 }, async () =>
    (await visit(rig, APP, '/', 1000).catch(() => null))?.status === 200 ? true : null,
  );
  await visit(rig, APP, '/eat').catch(() => null);
  await logWith('Memory quota exceeded: the kernel killed a process');
  const ended = await waitFor(
    { awaited: 'the state of the run before', timeoutMs: 10_000, intervalMs: 100 },
    async () => {
      const text = await onServer(rig, 'server1', `cat /srv/dcdget/instances/${APP}.web.1.*/ended 2>/dev/null || true`);
      return text.includes('"oom":true') ? text : null;
    },
  );
  assert.match(ended, /"state":"crashed".*"exitCode":137/);
});

test('each request through the router is a line, also one that no instance answered', async () => {
  await waitFor({ awaited: 'the app to answer', timeoutMs: 10_000, intervalMs: 100 }, async () =>
    (await visit(rig, APP, '/some?page="1"', 1000).catch(() => null))?.status === 200 ? true : null,
  );
  const answered = await logWith('path="/some?page=');
  assert.match(
    answered,
    / dcdget\[router\]: at=info method=GET path="\/some\?page=[^ ]*1[^ ]*" host=telling\.[a-z.]+ request_id=\w+ fwd="[\d.]+" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=5 protocol=HTTP\/1\.1$/m,
  );
  await logWith('at=error code=H13 desc="Connection closed without response" method=GET path="/die"');
});

test('the tokens of an instance are not for its app', async () => {
  const answer = await waitFor({ awaited: 'the app to answer', timeoutMs: 10_000, intervalMs: 100 }, async () => {
    const visited = await visit(rig, APP, '/tokens', 1000).catch(() => null);
    return visited?.status === 200 ? visited.body : null;
  });
  assert.equal(answer, 'EACCES');
});

async function shownLog(): Promise<string> {
  const ran = await dcdget(rig, 'logs', '-n', '1500', '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stderr);
  return ran.stdout;
}

function logWith(words: string): Promise<string> {
  return waitFor({ awaited: `the log to tell: ${words}`, timeoutMs: 15_000, intervalMs: 200 }, async () => {
    const log = await shownLog();
    return log.includes(words) ? log : null;
  });
}

const SERVER = `
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const kept = [];
const answers = {
  '/die': () => process.kill(process.pid, 'SIGKILL'),
  '/eat': () => { for (;;) kept.push(Buffer.alloc(16 << 20, 1)); },
  '/tokens': () => {
    try {
      return readFileSync('/.dcdget/run/instance.json', 'utf8');
    } catch ({ code }) {
      return code;
    }
  },
};
createServer((request, response) => response.end(answers[request.url]?.() ?? 'hello'))
  .listen(process.env.PORT, () => console.log('it listens'));
`;
