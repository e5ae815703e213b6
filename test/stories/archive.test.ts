// Old log files: every line of an app in S3 or still on its server, once and in order, whatever fails meanwhile.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import type { App, LogArchive, Server } from '../../cli/api-types.ts';
import { ARCHIVE_SCHEDULE_ID } from '../../domain/log-archive.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import { logKey, logsPrefix } from '../../objects/keys.ts';
import { openObjects } from '../../objects/objects.ts';
import { dcdget, dcdgetJson } from '../rig/command-line.ts';
import { runScheduled } from '../rig/histories.ts';
import { onServer } from '../rig/machine.ts';
import { useRig, type Rig } from '../rig/rig.ts';
import { startService, stopService } from '../rig/services.ts';
import { copyExample } from '../rig/source-tree.ts';
import { visit } from '../rig/visitor.ts';

const APP = 'archived';
const LOG = `/srv/dcdget/apps/${APP}/log`;
const DAY_MS = 86_400_000;
/** Of lines with their heads: files are closed at 10 MiB. */
const LINES_OF_SOME_FILES = 250_000;

let rig: Rig;
let appId: string;
let written = 0;

before(async () => {
  rig = await useRig('archive');
  const source = copyExample('rotation-probe');
  source.write('server.js', SERVER);
  appId = (await dcdgetJson<App>(rig, 'apps:create', APP)).id;
  await succeeds('deploy', source.folder);
  source.remove();
});
after(async () => {
  await dcdget(rig, 'apps:destroy', '--app', APP, '--confirm', APP);
  await rig.stop();
});

test('every line is in the archive or in the file that is written to, once and in order', async () => {
  await write(LINES_OF_SOME_FILES);
  const ran = await dcdget(rig, 'logs:archive', '--now', '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /^[3-9] files archived, /m);
  assert.equal(await waiting(), 0);
  await assertEveryLine();
});

test('archiving again archives nothing again, and files are listed by process and by time', async () => {
  const before = await rig.objects(logsPrefix(appId));
  const ran = await dcdget(rig, 'logs:archive', '--now', '--app', APP);
  assert.match(ran.stdout, /^0 files archived/m);
  assert.deepEqual(await rig.objects(logsPrefix(appId)), before);
  assert.equal((await listed('--ps', 'web')).length, before.length);
  assert.equal((await listed('--ps', 'worker')).length, 0);
  assert.equal((await listed('--since', new Date(Date.now() + DAY_MS).toISOString())).length, 0);
});

test('files wait while S3 is away, and lose nothing when it goes in the middle', async () => {
  await write(LINES_OF_SOME_FILES);
  const before = (await rig.objects(logsPrefix(appId))).length;
  const running = dcdget(rig, 'logs:archive', '--now', '--app', APP);
  await waitFor({ awaited: 'the first file to arrive', timeoutMs: 20_000, intervalMs: 5 }, async () =>
    (await rig.objects(logsPrefix(appId))).length > before ? true : null,
  );
  await stopService(rig, 's3');
  await running;
  await write(LINES_OF_SOME_FILES);
  const left = await waiting();
  assert.ok(left >= 2, `only ${left} files wait`);
  const refused = await dcdget(rig, 'logs:archive', '--now', '--app', APP);
  assert.equal(refused.exitCode, 1, refused.stdout);
  assert.match(refused.stderr, /Log files wait on server1: /);
  assert.equal(await waiting(), left);

  await startService(rig, 's3');
  await runScheduled(rig, ARCHIVE_SCHEDULE_ID);
  assert.equal(await waiting(), 0);
  await assertEveryLine();
});

test('the log of a process that is gone is archived whole', async () => {
  await succeeds('ps:scale', 'web=2');
  await succeeds('ps:scale', 'web=1');
  await waitFor({ awaited: 'web.2 to be gone', timeoutMs: 30_000, intervalMs: 200 }, async () =>
    (await onServer(rig, 'server1', `ls /srv/dcdget/instances`)).includes(`${APP}.web.2.`) ? null : true,
  );
  assert.match(await onServer(rig, 'server1', `cat ${LOG}/web.2.log`), /\| started/);
  await succeeds('logs:archive', '--now');
  assert.equal((await listed('--ps', 'web.2')).length, 1);
  assert.match((await brought('web.2')).join('\n'), /\| started/);
  assert.doesNotMatch(await onServer(rig, 'server1', `ls ${LOG}`), /web\.2/);
});

test('what is older than the retention goes, and nothing else', async () => {
  const [server] = await dcdgetJson<Server[]>(rig, 'servers');
  const keyOf = (daysAgo: number) => {
    const [from, to] = [1, 0].map((more) => stampOf(Date.now() - (daysAgo + more) * DAY_MS));
    return logKey(appId, { process: 'web.1', from: from ?? '', to: to ?? '', serverId: server?.id ?? '' });
  };
  const [old, young] = [keyOf(30.1), keyOf(29.9)];
  const objects = openObjects({
    endpoint: setting('S3_ENDPOINT'),
    publicEndpoint: setting('S3_PUBLIC_ENDPOINT'),
    region: setting('S3_REGION'),
    bucket: setting('S3_BUCKET'),
    accessKeyId: setting('S3_ACCESS_KEY_ID'),
    secretAccessKey: setting('S3_SECRET_ACCESS_KEY'),
  });
  for (const key of [old, young]) await objects.writeStream(key, Readable.from(['lines']));
  objects.close();
  const before = await rig.objects(logsPrefix(appId));
  await runScheduled(rig, ARCHIVE_SCHEDULE_ID);
  assert.deepEqual(
    await rig.objects(logsPrefix(appId)),
    before.filter((key) => key !== old),
  );
});

test('an app that is destroyed takes its archive along', async () => {
  assert.notDeepEqual(await rig.objects(logsPrefix(appId)), []);
  await write(LINES_OF_SOME_FILES);
  const archiving = dcdget(rig, 'logs:archive', '--now', '--app', APP);
  await succeeds('apps:destroy', '--confirm', APP);
  await archiving;
  assert.deepEqual(await rig.objects(`apps/${appId}/`), []);
  assert.equal((await dcdget(rig, 'logs:archive', '--app', APP)).exitCode, 1);
});

/** Writes as many lines as it is told, numbered. */
const SERVER = `
import { createServer } from 'node:http';
console.log('started');
createServer((request, response) => {
  const asked = new URL(request.url, 'http://app').searchParams;
  for (let line = Number(asked.get('from') ?? 1); line <= Number(asked.get('to')); line += 1)
    console.log('line ' + line + ' ' + 'x'.repeat(100));
  response.end('written');
}).listen(process.env.PORT);
`;

async function write(lines: number): Promise<void> {
  const answer = await visit(rig, APP, `/?from=${written + 1}&to=${written + lines}`, 60_000);
  assert.deepEqual([answer.status, answer.body], [200, 'written']);
  written += lines;
  await waitFor({ awaited: 'the last line to be in the log', timeoutMs: 10_000, intervalMs: 50 }, async () =>
    (await onServer(rig, 'server1', `tail -n 1 ${LOG}/web.1.log`)).includes(`| line ${written} `) ? true : null,
  );
}

/** How many closed files are on the server. */
async function waiting(): Promise<number> {
  return Number(await onServer(rig, 'server1', `ls ${LOG} | grep -c 'log[.]' || true`));
}

async function assertEveryLine(): Promise<void> {
  const rest = await onServer(rig, 'server1', `cat ${LOG}/web.1.log`);
  const numbers = [...(await brought('web.1')), rest].flatMap((text) =>
    [...text.matchAll(/ \| line (\d+) x{100}$/gm)].map(([, number]) => Number(number)),
  );
  const wrong = numbers.findIndex((number, index) => number !== index + 1);
  assert.equal(wrong, -1, `after line ${wrong} comes ${numbers[wrong]}`);
  assert.equal(numbers.length, written);
}

function listed(...words: string[]): Promise<LogArchive[]> {
  return dcdgetJson<LogArchive[]>(rig, 'logs:archive', '--app', APP, ...words);
}

/** The archived files of a process, as they are when they are downloaded, in the order of their names. */
async function brought(process: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-archive-'));
  try {
    await succeeds('logs:archive', '--ps', process, '--download', folder);
    const files = readdirSync(folder).toSorted();
    return files.map((file) => zstdDecompressSync(readFileSync(join(folder, file))).toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function setting(name: string): string {
  return rig.environment[name] ?? '';
}

async function succeeds(...words: string[]): Promise<void> {
  const ran = await dcdget(rig, ...words, '--app', APP);
  assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
}
