import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { makeAuthority } from '../cli/fake-authority.ts';
import { rendezvousSecret, type Side } from '../domain/rendezvous.ts';
import { createSignatures } from '../store/signatures.ts';
import { percentile, ratioOf } from './figures.ts';

const HOSTILE = 500;
const ECHOES = 1500;
const ECHO_EVERY_MS = 4;
const QUIET_AGAIN_MS = 1000;
const MOST_ECHO_P99_MS = 50;
const THROUGHPUT_BYTES = 256 * 1024 * 1024;
const PIECE = randomBytes(64 * 1024);
const WAIT_MS = 60_000;

export type RendezvousFigures = {
  echoes: number;
  hostile: number;
  echoP99RestMs: number;
  echoP99HostileMs: number;
  splicedMbS: number;
  tlsPipeMbS: number;
  tcpPipeMbS: number;
  splicedToTlsPipe: number;
};

type Ports = { rendezvous: number; tls: number; tcp: number };

/** Echo times of a live session at rest and among hostile connections; throughput beside bare pipes of the same kind. */
export async function benchRendezvous(
  say: (line: string) => void,
): Promise<{ figures: RendezvousFigures; isKept: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-rendezvous-'));
  const children: ChildProcess[] = [];
  try {
    const { server } = makeAuthority();
    const secret = randomBytes(32);
    writeFileSync(join(folder, 'key.pem'), server.key, { mode: 0o600 });
    writeFileSync(join(folder, 'cert.pem'), server.cert);
    const files = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const host = start(children, './rendezvous-process.ts', ...files, secret.toString('hex'));
    const [ports] = (await once(host, 'message', { signal: AbortSignal.timeout(WAIT_MS) })) as [Ports];
    const rest = await echoP99(await meet(ports, secret));
    const live = await meet(ports, secret);
    // Their coming is part of what is measured.
    const hostile = start(children, './hostile-process.ts', String(ports.rendezvous), String(HOSTILE));
    const among = await echoP99(live);
    // A session begins among them, too.
    for (const socket of Object.values(await meet(ports, secret))) socket.destroy();
    hostile.kill();
    await once(hostile, 'exit');
    await pause(QUIET_AGAIN_MS);
    const spliced = await throughput(await meet(ports, secret));
    const tlsPipe = await throughput(await throughTlsPipe(ports, server));
    const tcpPipe = await throughput(await throughTcpPipe(ports));
    const figures: RendezvousFigures = {
      echoes: ECHOES,
      hostile: HOSTILE,
      echoP99RestMs: rest,
      echoP99HostileMs: among,
      splicedMbS: spliced,
      tlsPipeMbS: tlsPipe,
      tcpPipeMbS: tcpPipe,
      splicedToTlsPipe: ratioOf(spliced, tlsPipe),
    };
    say(
      `echo p99 ${rest} ms at rest, ${among} ms among ${HOSTILE} hostile connections (at most ${MOST_ECHO_P99_MS})\n` +
        `throughput ${spliced} MB/s, a bare pipe over TLS ${tlsPipe} MB/s (${figures.splicedToTlsPipe}), over TCP ${tcpPipe} MB/s`,
    );
    return { figures, isKept: among <= MOST_ECHO_P99_MS };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(children: ChildProcess[], file: string, ...args: string[]): ChildProcess {
  const child = fork(new URL(file, import.meta.url), args);
  children.push(child);
  return child;
}

type Pair = { client: Socket; instance: Socket };

async function meet({ rendezvous }: Ports, key: Buffer): Promise<Pair> {
  const signing = createSignatures(key);
  const sessionId = randomUUID();
  const come = async (side: Side): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port: rendezvous, rejectUnauthorized: false });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(WAIT_MS) });
    socket.setNoDelay(true);
    socket.write(`${rendezvousSecret(signing, { side, sessionId, nonce: randomBytes(16).toString('hex') })}\r\n`);
    await once(socket, 'data', { signal: AbortSignal.timeout(WAIT_MS) });
    return socket;
  };
  const [client, instance] = await Promise.all([come('client'), come('instance')]);
  await pause(100);
  return { client, instance };
}

async function throughTlsPipe({ tls }: Ports, { key, cert }: { key: string; cert: string }): Promise<Pair> {
  const target = createTlsServer({ key, cert });
  const client = connect({ host: '127.0.0.1', port: tls, rejectUnauthorized: false });
  await once(client, 'secureConnect');
  return throughPipe(client, target, 'secureConnection');
}

async function throughTcpPipe({ tcp }: Ports): Promise<Pair> {
  const client = connectPlain({ host: '127.0.0.1', port: tcp });
  await once(client, 'connect');
  return throughPipe(client, createServer(), 'connection');
}

async function throughPipe(client: Socket, target: ReturnType<typeof createServer>, event: string): Promise<Pair> {
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const arrived = once(target, event, { signal: AbortSignal.timeout(WAIT_MS) });
  client.write(String((target.address() as AddressInfo).port));
  const [instance] = (await arrived) as [Socket];
  target.close();
  return { client, instance };
}

/** One byte there and back, many times; as an open loop, so that a stall is counted for all whom it held up. */
async function echoP99({ client, instance }: Pair): Promise<number> {
  const sentMs: number[] = [];
  const tookMs: number[] = [];
  instance.on('data', (chunk: Buffer) => instance.write(chunk));
  client.on('data', (chunk: Buffer) => {
    const nowMs = performance.now();
    for (let count = chunk.length; count > 0; count -= 1) tookMs.push(nowMs - (sentMs[tookMs.length] ?? 0));
  });
  const startMs = performance.now();
  for (let number = 0; number < ECHOES; number += 1) {
    const dueMs = startMs + number * ECHO_EVERY_MS;
    if (dueMs > performance.now()) await pause(dueMs - performance.now());
    sentMs.push(dueMs);
    client.write('x');
  }
  for (const until = Date.now() + WAIT_MS; tookMs.length < ECHOES && Date.now() < until;) await pause(5);
  client.destroy();
  instance.destroy();
  if (tookMs.length < ECHOES) throw new Error(`${ECHOES - tookMs.length} echoes of ${ECHOES} did not come back`);
  return Math.round(percentile(tookMs, 0.99) * 10) / 10;
}

/** From the instance to the client, in MB a second. */
async function throughput({ client, instance }: Pair): Promise<number> {
  let received = 0;
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  client.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received >= THROUGHPUT_BYTES) resolve();
  });
  client.on('close', () => resolve());
  const startMs = performance.now();
  for (let sent = 0; sent < THROUGHPUT_BYTES; sent += PIECE.length) {
    if (!instance.write(PIECE)) await once(instance, 'drain', { signal: AbortSignal.timeout(WAIT_MS) });
  }
  await arrived;
  const seconds = (performance.now() - startMs) / 1000;
  client.destroy();
  instance.destroy();
  if (received < THROUGHPUT_BYTES) throw new Error(`${received} bytes of ${THROUGHPUT_BYTES} arrived`);
  return Math.round(THROUGHPUT_BYTES / 1_000_000 / seconds);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
