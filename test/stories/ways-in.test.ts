import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Build, HookWithSecret } from '../../cli/api-types.ts';
import { signatureOf } from '../../api/deliveries.ts';
import { startCodeHost, type CodeHost } from '../rig/code-host.ts';
import { dcdget, dcdgetJson, runProgram, type Ran } from '../rig/command-line.ts';
import { platformLogs } from '../rig/evidence.ts';
import { historyText } from '../rig/histories.ts';
import { createLaptop } from '../rig/laptop.ts';
import { finished } from '../rig/operations.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { emptySource } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'fetched';
const CI_SCRIPT = join(import.meta.dirname, '../../cli/deploy.sh');
const TOKEN = `token-of-a-private-repository-${randomUUID()}`;

let rig: Rig;
let host: CodeHost;

before(async () => {
  rig = await useRig('ways-in');
  const [address = '', port = ''] = (rig.environment['SOURCE_ALLOWED_HOSTS'] ?? '').split(':');
  host = await startCodeHost(address, Number(port));
  writeFileSync(caFile(), host.certificate);
  await dcdgetJson(rig, 'apps:create', APP);
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await host.stop();
  rmSync(caFile(), { force: true });
  await rig.stop();
});

function caFile(): string {
  return rig.environment['SOURCE_CA_FILE'] ?? '';
}

/** A site whose page is this text; returns the commit. */
function site(name: string, text: string): Promise<string> {
  return host.commit(name, { 'index.html': `<title>${text}</title>\n` });
}

async function shows(text: string): Promise<void> {
  assert.match((await visit(rig, APP)).body, new RegExp(`<title>${text}</title>`));
}

async function deploys(...words: string[]): Promise<{ build: Build }> {
  return dcdgetJson(rig, 'deploy', '--app', APP, ...words);
}

function deploysWithToken(...words: string[]): Promise<Ran> {
  const env = { ...process.env, ...rig.client, NO_COLOR: '1', DCDGET_GIT_TOKEN: TOKEN };
  return runProgram(new URL('../../bin/dcdget', import.meta.url).pathname, ['deploy', '--app', APP, ...words], env);
}

async function fails(words: string[], reason: RegExp): Promise<void> {
  const { exitCode, stdout, stderr } = await dcdget(rig, 'deploy', '--app', APP, ...words);
  assert.notEqual(exitCode, 0, stdout);
  assert.match(stdout + stderr, reason);
}

test('an archive of any https address is deployed, and one that is not what its checksum says is not', async () => {
  await site('packed', 'from an archive');
  await host.pack('packed');
  const url = `${host.url}/packed.tgz`;
  const { build } = await deploys('--archive', `${url}?signature=of-mine`);
  assert.equal(build.source_blob.url, url);
  await shows('from an archive');
  const digest = createHash('sha256')
    .update(await archive(url))
    .digest('hex');
  await deploys('--archive', url, '--checksum', `SHA256:${digest}`);
  await fails(['--archive', url, '--checksum', `SHA256:${'0'.repeat(64)}`], /fetchSource.*checksum SHA256:/s);
  await fails(['--archive', `${host.url}/nothing.tgz`], /answered 404/);
  await shows('from an archive');
});

test('a repository is deployed at its branch or at a tag', async () => {
  await site('code', 'first commit');
  await host.git('code', 'tag', 'v1');
  const second = await site('code', 'second commit');
  const { build } = await deploys('--git', `${host.url}/code`);
  await shows('second commit');
  assert.equal(await versionOf(build), second);
  await deploys('--git', `${host.url}/code`, '--ref', 'v1');
  await shows('first commit');
  await fails(['--git', `${host.url}/code`, '--ref', 'no-such-branch'], /no-such-branch could not be fetched/);
});

test('a private repository is opened by its token, which stands nowhere', async () => {
  await site('private', 'behind a token');
  host.passwords.set('private', TOKEN);
  await fails(['--git', `${host.url}/private`], /answered 401/);
  const { exitCode, stdout, stderr } = await deploysWithToken('--git', `${host.url}/private`);
  assert.equal(exitCode, 0, stdout + stderr);
  await shows('behind a token');
  const held = { logs: platformLogs(rig), history: await historyText(rig), shown: stdout + stderr };
  for (const [place, text] of Object.entries(held)) {
    assert.ok(!text.includes(TOKEN), `the token is in the ${place}`);
    assert.ok(!text.includes(Buffer.from(`x-access-token:${TOKEN}`).toString('base64')), `its header is in ${place}`);
  }
});

test('neither the platform nor what is inside its network is fetched from, whatever leads there', async () => {
  const { port } = new URL(rig.client.DCDGET_URL);
  const inside = host.url.replace(/:\d+$/, '');
  for (const url of [rig.client.DCDGET_URL, `${inside}:${port}`, 'https://169.254.169.254', 'https://[::1]']) {
    const blob = rig.api.createBuild(APP, { source_blob: { url: `${url}/ca.pem` } });
    await assert.rejects(blob, /source_blob\.url leads to .* not a public address/);
    const git = rig.api.createBuild(APP, { git: { url: `${url}/a.git` } });
    await assert.rejects(git, /git\.url leads to .* not a public address/);
  }
  await fails(['--archive', `https://localhost:${port}/ca.pem`], /localhost leads to .* not a public address/);
  const location = `https://127.0.0.1:${port}/ca.pem`;
  host.answers.set('/trap.tgz', (_request, response) => response.writeHead(302, { location }).end());
  await fails(['--archive', `${host.url}/trap.tgz`], /127\.0\.0\.1, which is not a public address/);
});

test('a signed delivery deploys the branch of a hook, once', async () => {
  await site('hooked', 'before the push');
  const hook = await dcdgetJson<HookWithSecret>(rig, 'hooks:add', '--app', APP, '--git', `${host.url}/hooked`);
  const head = await site('hooked', 'after the push');
  const body = JSON.stringify({ ref: 'refs/heads/main', after: head });
  const headers = { 'x-github-event': 'push', 'x-github-delivery': randomUUID() };
  const forged = await deliver(hook, body, { ...headers, 'x-hub-signature-256': signatureOf(body, 'guessed') });
  assert.equal(forged.status, 401);
  const signed = { ...headers, 'x-hub-signature-256': signatureOf(body, hook.secret) };
  const taken = await deliver(hook, body, signed);
  assert.equal(taken.status, 202, JSON.stringify(taken.body));
  assert.equal((await finished(rig, taken.body.operation?.id ?? '')).state, 'succeeded');
  await shows('after the push');
  assert.deepEqual((await deliver(hook, body, signed)).body.reason, 'this delivery was taken before');

  const rotated = await dcdgetJson<HookWithSecret>(rig, 'hooks:rotate', hook.id, '--app', APP);
  const own = JSON.stringify({ ref: 'other', delivery: randomUUID() });
  assert.equal((await deliver(hook, own, { 'dcdget-signature': signatureOf(own, hook.secret) })).status, 401);
  const other = await deliver(hook, own, { 'dcdget-signature': signatureOf(own, rotated.secret) });
  assert.deepEqual([other.status, other.body.reason], [200, 'only main deploys']);
  assert.match((await dcdget(rig, 'hooks', '--app', APP)).stdout, /only main deploys/);
  await dcdgetJson(rig, 'hooks:remove', hook.id, '--app', APP);
  assert.equal((await deliver(hook, own, {})).status, 404);
});

test('the script for CI runs deploys the commit that is checked out, and fails with the deploy', async () => {
  const source = emptySource();
  const laptop = createLaptop(rig, source);
  try {
    await laptop.must('init', '--quiet');
    source.write('index.html', '<title>from a CI run</title>');
    await laptop.must('add', '--all');
    await laptop.must('commit', '--quiet', '--message', 'site');
    const env = { ...laptop.environment(), DCDGET_APP: APP };
    const ran = await runProgram('sh', [CI_SCRIPT], env, source.folder);
    assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
    assert.match(ran.stdout, new RegExp(`${APP} serves ${await laptop.must('rev-parse', 'HEAD')}`));
    await shows('from a CI run');
    await laptop.must('mv', 'index.html', 'nothing.txt');
    await laptop.must('commit', '--quiet', '--message', 'nothing');
    const failed = await runProgram('sh', [CI_SCRIPT], env, source.folder);
    assert.equal(failed.exitCode, 1, failed.stdout + failed.stderr);
    await shows('from a CI run');
  } finally {
    laptop.remove();
  }
});

/** The commit that was fetched, as the record has it. */
async function versionOf({ id }: Build): Promise<string | null> {
  const headers = { authorization: `Bearer ${rig.client.DCDGET_TOKEN}` };
  const url = `${rig.client.DCDGET_URL}/apps/${APP}/builds/${id}`;
  const { body } = await ask(url, 'GET', '', headers, readFileSync(rig.client.DCDGET_CA, 'utf8'));
  return (JSON.parse(body.toString('utf8')) as Build).source_blob.version;
}

async function archive(url: string): Promise<Buffer> {
  return (await ask(url, 'GET', '', {}, host.certificate)).body;
}

type Told = { status: number; body: { status: string; reason: string | null; operation: { id: string } | null } };

async function deliver({ url }: HookWithSecret, body: string, headers: Record<string, string>): Promise<Told> {
  const sent = { 'content-type': 'application/json', ...headers };
  const answer = await ask(url, 'POST', body, sent, readFileSync(rig.client.DCDGET_CA, 'utf8'));
  return { status: answer.status, body: JSON.parse(answer.body.toString('utf8')) as Told['body'] };
}

function ask(
  url: string,
  method: string,
  body: string,
  headers: Record<string, string>,
  ca: string,
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, ca, agent: false, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${url} was not answered`)));
    call.on('error', reject);
    call.end(body);
  });
}
