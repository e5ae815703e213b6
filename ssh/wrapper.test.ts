import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { commandLine, needMarker, openingBytes, parseClosing } from './wrapper.ts';

const invocation = (script: string) => ({
  sha256: createHash('sha256').update(script).digest('hex'),
  nonce: 'n0nce',
  lock: `test-${process.pid}`,
  timeoutSeconds: 5,
  url: 'https://127.0.0.1:9/recipes/none',
  isLater: false,
});

const access = { ca: 'none', token: 'none' };

/** Runs the very command line that SSH would, on this machine's bash; the script comes by stdin. */
async function run(script: string, sent: string, inputs: Record<string, string> = {}) {
  const child = spawn('bash', ['-c', commandLine(invocation(script), true)]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    if (stdout.includes(needMarker('n0nce'))) child.stdin.end(sent);
  });
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.write(openingBytes(inputs, access));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  return { closing: parseClosing(stdout, 'n0nce'), exitCode, stderr };
}

const unique = `# ${process.pid} ${Date.now()}`;

test('a script that arrives whole runs with its inputs exactly as they were given', async () => {
  const value = 'two\nlines $(id) "quoted" \'single\' é';
  const script = `${unique} 1\nprintf '%s' "$VALUE" | sha256sum\n`;
  const { closing } = await run(script, script, { VALUE: value });
  assert.match(closing?.output ?? '', new RegExp(createHash('sha256').update(value).digest('hex')));
  assert.equal(closing?.exitCode, 0);
});

test('a script cut on its way is refused and not run', async () => {
  const script = `${unique} 2\necho ran\necho more\n`;
  const { closing, exitCode, stderr } = await run(script, script.slice(0, -10));
  assert.equal(closing, null);
  assert.equal(exitCode, 66);
  assert.match(stderr, /did not arrive whole/);
});

test('a script that fails in the middle reports its exit code', async () => {
  const script = `${unique} 3\nfalse\necho not reached\n`;
  const { closing } = await run(script, script);
  assert.equal(closing?.exitCode, 1);
  assert.doesNotMatch(closing?.output ?? '', /not reached/);
});

test('a script that reads stdin finds it empty', async () => {
  const script = `${unique} 4\ncat\necho done\n`;
  assert.match((await run(script, script)).closing?.output ?? '', /^done/m);
});

test('a script cannot forge the closing line of another run', () => {
  assert.equal(parseClosing('\ndcdget-done other 0\n', 'n0nce'), null);
  assert.equal(parseClosing('x\ndcdget-done n0nce 0\nmore', 'n0nce'), null);
});

for (const [size, length] of [
  ['a few bytes', 10],
  ['half a megabyte', 525_000],
] as const) {
  test(`an input of ${size} arrives, and no child of the script finds it`, async () => {
    const value = 's3cret '.repeat(length / 7).padEnd(length, '.');
    const look = `env | grep -c '^VALUE=' || true\ncat /proc/self/fd/[3-9] 2>/dev/null | grep -c s3cret || true\n`;
    const script = `${unique} ${length}\nprintf '%s' "$VALUE" | wc -c\n${look}`;
    const { closing } = await run(script, script, { VALUE: value });
    assert.equal(closing?.output.trim(), `${length}\n0\n0`);
  });
}

test('inputs that were cut on their way are refused and nothing is run', async () => {
  const script = `${unique} 8\necho ran\n`;
  await run(script, script);
  const child = spawn('bash', ['-c', commandLine(invocation(script), true)]);
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stdin.end(openingBytes({ VALUE: 'whole' }, access).subarray(0, -6));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(exitCode, 65);
  assert.equal(stdout, '');
});

test('a script that runs past its deadline is ended and says so by its exit code', async () => {
  const script = `${unique} 6\nsleep 60\n`;
  const started = Date.now();
  const { closing } = await run(script, script);
  assert.equal(closing?.exitCode, 124);
  assert.ok(Date.now() - started < 9000);
});

test('a script whose caller left while it waited for the lock is not run', async () => {
  const script = `${unique} 7\necho ran\n`;
  await run(script, script);
  const call = { ...invocation(script), lock: `left-${process.pid}` };
  const holder = spawn('flock', [`/run/dcdget/locks/${call.lock}`, 'sh', '-c', 'echo held; sleep 1']);
  await once(holder.stdout, 'data');
  const child = spawn('bash', ['-c', commandLine(call, true)]);
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stdin.end(openingBytes({}, access));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(exitCode, 74);
  assert.equal(stdout, '');
});
