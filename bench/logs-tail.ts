import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { FakeApi } from '../cli/fake-api.ts';
import { makeAuthority, type FakeAuthority } from '../cli/fake-authority.ts';
import { freePorts } from '../embedded/ports.ts';
import { createSignatures, type Signatures } from '../store/signatures.ts';
import { logSessionUrl } from '../streams/sessions.ts';
import { logFrame, openLogSender } from '../test/rig/log-sender.ts';
import { ratioOf, table } from './figures.ts';

/** Lines a second from a sender through the log hub to `dcdget logs --tail`, and through one bare TLS connection. */
export type LogsTailFigures = {
  lines: number;
  lost: number;
  linesPerSecond: number;
  barePerSecond: number;
  ratio: number;
  kept: boolean;
};

const HOST = '127.0.0.1';
const APP = 'bench';
const INSTANCE = `${APP}.web.1.v1.1`;
const TEXT = 'x'.repeat(90);
const BLOCK_LINES = 500;
/** Lines under way at most: the sender is as fast as the reader, and no faster. */
const WINDOW_LINES = 10_000;
const LEAST_PER_SECOND = 50_000;
const TIMEOUT_MS = 60_000;
const STALLED_MS = 10_000;
const WARM_UP_LINES = 50_000;

type Bench = { folder: string; authority: FakeAuthority; signatures: Signatures; ports: [number, number] };

/** No dcdget is needed: the hub and the command line are the real ones, on TLS of their own. */
export async function benchLogsTail({ lines, json }: { lines: number; json: boolean }): Promise<boolean> {
  const secret = randomBytes(32);
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-bench-logs-'));
  const authority = makeAuthority();
  writeFileSync(join(folder, 'cert.pem'), authority.server.cert);
  writeFileSync(join(folder, 'key.pem'), authority.server.key, { mode: 0o600 });
  writeFileSync(join(folder, 'secret'), secret, { mode: 0o600 });
  writeFileSync(join(folder, 'ca.pem'), authority.ca);
  const bench = {
    folder,
    authority,
    signatures: createSignatures(secret),
    ports: (await freePorts(2)) as [number, number],
  };
  try {
    const through = await throughHub(bench, lines);
    const bareMs = await throughBare(bench, lines);
    const figures = figuresOf(lines, through, bareMs);
    console.log(json ? JSON.stringify(figures) : report(figures));
    return figures.kept;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(lines: number, { ms, seen }: { ms: number; seen: number }, bareMs: number): LogsTailFigures {
  const [linesPerSecond, barePerSecond] = [perSecond(seen, ms), perSecond(lines, bareMs)];
  const lost = lines - seen;
  const kept = lost === 0 && linesPerSecond >= LEAST_PER_SECOND;
  return { lines, lost, linesPerSecond, barePerSecond, ratio: ratioOf(barePerSecond, linesPerSecond), kept };
}

function report({ lines, lost, linesPerSecond, barePerSecond, ratio, kept }: LogsTailFigures): string {
  const rows = [
    ['', 'lines/s'],
    ['sender, log hub, dcdget logs --tail', String(linesPerSecond)],
    ['one bare TLS connection', String(barePerSecond)],
  ];
  const bound = `at least ${LEAST_PER_SECOND} lines/s and none lost: ${kept ? 'kept' : 'NOT kept'}`;
  return `${table(rows)}\n\n${lines} lines, ${lost} lost, ratio ${ratio}\n${bound}`;
}

function perSecond(lines: number, ms: number): number {
  return Math.round(lines / (ms / 1000));
}

/** Frames of so many lines from the number on, ready to be written. */
function block(first: number, count: number): Buffer {
  const facts = { app: APP, source: 'app', process: 'web.1', part: false };
  return Buffer.from(
    Array.from({ length: count }, (_, at) =>
      logFrame({ ...facts, number: first + at, text: `${TEXT} ${first + at}` }),
    ).join(''),
  );
}

function blocks(first: number, lines: number): Buffer[] {
  return Array.from({ length: Math.ceil(lines / BLOCK_LINES) }, (_, at) =>
    block(first + at * BLOCK_LINES, Math.min(BLOCK_LINES, lines - at * BLOCK_LINES)),
  );
}

async function throughHub(bench: Bench, lines: number): Promise<{ ms: number; seen: number }> {
  const { folder, authority, signatures, ports } = bench;
  const hub = await startHelper('hub', bench);
  const session = { app: APP, since: 0, process: null, source: null, lines: 0, tail: true };
  const logplex_url = logSessionUrl(`https://${HOST}:${ports[1]}`, session, signatures);
  const api = await new FakeApi(authority.server).listen();
  api.on(`POST /apps/${APP}/log-sessions`, { status: 201, body: { logplex_url } });
  const env = { ...process.env, DCDGET_URL: api.url, DCDGET_TOKEN: 'bench', DCDGET_CA: join(folder, 'ca.pem') };
  const reader = spawn(process.execPath, [join(import.meta.dirname, '../cli/bin.ts'), 'logs', '-t', '-a', APP], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const count = countLines(reader);
    const token = signatures.fixed(`log:${INSTANCE}`);
    const who = `instance="${INSTANCE}"`;
    const sender = await openLogSender({ host: HOST, port: ports[0], ca: authority.ca, who, run: 'bench-run', token });
    await connected(() => sender.send('first'), count);
    const first = sender.sent() + 1;
    const warm = blocks(first, WARM_UP_LINES);
    const ready = blocks(first + WARM_UP_LINES, lines);
    await pump(
      warm,
      count,
      (bytes) => sender.write(bytes),
      () => sender.drained(),
    );
    const before = count();
    const startedAt = performance.now();
    await pump(
      ready,
      count,
      (bytes) => sender.write(bytes),
      () => sender.drained(),
    );
    const ms = performance.now() - startedAt;
    await sender.end();
    return { ms, seen: count() - before };
  } finally {
    reader.kill('SIGKILL');
    hub.kill('SIGKILL');
    await api[Symbol.asyncDispose]();
  }
}

/** Sends one line after the other until the reader has shown one: it is there then. */
async function connected(sendOne: () => void, count: () => number): Promise<void> {
  const endsAt = Date.now() + TIMEOUT_MS;
  while (count() === 0 && Date.now() < endsAt) {
    sendOne();
    await sleep(100);
  }
  for (let seen = -1; seen !== count(); await sleep(500)) seen = count();
}

async function pump(
  ready: readonly Buffer[],
  count: () => number,
  write: (bytes: Buffer) => boolean,
  drained: () => Promise<void>,
): Promise<void> {
  const start = count();
  let sent = 0;
  for (const bytes of ready) {
    await until(count, start + sent - WINDOW_LINES);
    if (!write(bytes)) await drained();
    sent += BLOCK_LINES;
  }
  await until(count, start + sent);
}

/** Ends early when nothing comes any more: then lines are lost. */
async function until(count: () => number, wanted: number): Promise<void> {
  let [seen, at] = [count(), Date.now()];
  while (count() < wanted && Date.now() - at < STALLED_MS) {
    if (count() > seen) [seen, at] = [count(), Date.now()];
    await sleep(1);
  }
}

async function throughBare(bench: Bench, lines: number): Promise<number> {
  const helper = await startHelper('bare', bench);
  const count = countLines(helper);
  const socket = connect({ host: HOST, port: bench.ports[0], ca: bench.authority.ca });
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  // The same bytes, and a line feed in the place of a space, by which they are counted.
  const ready = blocks(1, lines).map((bytes) => Buffer.from(bytes.toString().replaceAll(' - x', ' -\nx')));
  const startedAt = performance.now();
  await pump(
    ready,
    count,
    (bytes) => socket.write(bytes),
    async () => void (await once(socket, 'drain')),
  );
  const ms = performance.now() - startedAt;
  socket.destroy();
  helper.kill('SIGKILL');
  return ms;
}

async function startHelper(kind: 'hub' | 'bare', { folder, ports }: Bench): Promise<ChildProcess> {
  const args = [join(import.meta.dirname, 'logs-hub-process.ts'), kind, folder, ...ports.map(String)];
  const helper = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(helper.stderr, 'data', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  helper.stderr.pipe(process.stderr);
  return helper;
}

/** How many line feeds the process has written. */
function countLines({ stdout }: ChildProcess): () => number {
  let lines = 0;
  stdout?.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  return () => lines;
}
