import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Address } from '../config/settings.ts';
import { DcdgetError } from '../domain/errors.ts';
import { createConnections, CONNECTION_LIMITS } from './connections.ts';
import { createFrameReader } from './frames.ts';
import type { Log, Tls } from './http.ts';
import type { InUse, Logs } from './logs.ts';
import { isAppName, isProcessName, numberOf, readHello, readMessage, type Message, type Sender } from './messages.ts';

/** The same token each time for a thing: `log:<instance id>`, `log:server:<server id>`. */
export type FixedTokens = { fixed(thing: string): string };

type Parts = { logs: Logs; tokens: FixedTokens; log: Log };
type Take = (message: Message) => void;

/** From the connection to a good hello, TLS included. */
const HELLO_MS = 10_000;
/** A server that lost its power says no goodbye. */
const KEEP_ALIVE_MS = 30_000;
/** Logs of apps that one server writes into at a time. */
const MAX_APPS_OF_SERVER = 1000;

/** Takes lines over TLS on every address. Returns what ends it. */
export async function serveSenders(
  listen: readonly Address[],
  tls: Tls,
  parts: Parts,
  limits = CONNECTION_LIMITS,
): Promise<() => Promise<void>> {
  const connections = createConnections(limits);
  const byRun = new Map<string, TLSSocket>();
  /** Who is connected, by the other end's address and port. */
  const admitted = new Map<string, { socket: Socket; known: () => void }>();
  const options = { cert: tls.certificate, key: tls.privateKey, handshakeTimeout: HELLO_MS, noDelay: true };
  const servers = listen.map(() => {
    const server = createServer(options, (socket) =>
      serveSender(socket, parts, byRun, () => admitted.get(otherEnd(socket))?.known()),
    );
    server.on('connection', (socket) => {
      const known = connections.admit(socket);
      if (known === null) return void socket.destroy();
      const key = otherEnd(socket);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      admitted.set(key, { socket, known });
      socket.once('close', () => admitted.delete(key));
    });
    return server;
  });
  await Promise.all(servers.map((server, index) => listening(server, listen[index])));
  return async () => {
    for (const { socket } of admitted.values()) socket.destroy();
    await Promise.all(servers.map(close));
  };
}

/** One sender until it goes: a hello, the answer, then lines. What is wrong is answered with one sentence. */
function serveSender(socket: TLSSocket, parts: Parts, byRun: Map<string, TLSSocket>, known: () => void): void {
  const read = createFrameReader();
  const used: InUse[] = [];
  let take: Take | null = null;
  const deadline = setTimeout(() => refuse('There was no hello'), HELLO_MS);

  function refuse(sentence: string): void {
    parts.log.info({ address: socket.remoteAddress, sentence }, 'A sender was sent away');
    socket.pause();
    socket.end(`NO ${sentence}\n`, () => socket.destroy());
    setTimeout(() => socket.destroy(), 1000).unref();
  }

  async function greet(frames: readonly string[]): Promise<void> {
    const [hello = '', ...early] = frames;
    const sender = readHello(readMessage(hello));
    if (!isTrue(sender, parts.tokens)) return refuse('The token is wrong');
    clearTimeout(deadline);
    known();
    // A connection of which the other end knows nothing any more.
    byRun.get(sender.run)?.destroy();
    byRun.set(sender.run, socket);
    socket.once('close', () => byRun.get(sender.run) === socket && byRun.delete(sender.run));
    const { lastNumber, take: taking } = await welcome(sender, parts, used);
    if (socket.destroyed) return release();
    socket.write(`OK ${lastNumber}\n`);
    take = taking;
    for (const frame of early) taking(readMessage(frame));
  }

  function release(): void {
    for (const { release: leave } of used.splice(0)) leave();
  }

  async function onData(chunk: Buffer): Promise<void> {
    try {
      const frames = read(chunk);
      if (take !== null) for (const frame of frames) take(readMessage(frame));
      else if (frames.length > 0) {
        socket.pause();
        await greet(frames);
        socket.resume();
      }
    } catch (error) {
      if (!(error instanceof DcdgetError)) parts.log.error({ err: error }, 'A sender was not understood');
      refuse(error instanceof DcdgetError ? error.message : 'Something went wrong inside dcdget');
    }
  }

  socket.on('data', (chunk: Buffer) => void onData(chunk));
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    clearTimeout(deadline);
    release();
  });
}

function isTrue(sender: Sender, tokens: FixedTokens): boolean {
  const thing = sender.kind === 'server' ? `log:server:${sender.id}` : `log:${sender.id}`;
  const expected = Buffer.from(tokens.fixed(thing));
  const given = Buffer.from(sender.token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** What is done with the sender's lines, and up to which number the hub has them. */
async function welcome(
  sender: Sender,
  { logs, log }: Parts,
  used: InUse[],
): Promise<{ lastNumber: number; take: Take }> {
  if (sender.kind === 'server') return { lastNumber: 0, take: takeOfServer(sender, logs, log, used) };
  const inUse = await logs.use(sender.app);
  used.push(inUse);
  const { run, process } = sender;
  return {
    lastNumber: inUse.log.lastOf(run),
    take: (message) => {
      const { at, source, text } = message;
      inUse.log.accept({ at, source, process, text, run, number: numberOf(message) });
    },
  };
}

/** Lines of many apps, in the order in which they come; those that an app has already are left out. */
function takeOfServer({ id, run }: Sender, logs: Logs, log: Log, used: InUse[]): Take {
  const byApp = new Map<string, Promise<InUse>>();
  let last: number | null = null;

  async function open(app: string): Promise<InUse> {
    const inUse = await logs.use(app);
    used.push(inUse);
    return inUse;
  }

  return (message) => {
    const { at, host, source, process, text } = message;
    if (!isAppName(host) || !isProcessName(process)) throw new DcdgetError('bad_request', 'A line names no app');
    const number = numberOf(message);
    if (last !== null && number > last + 1) log.info({ server: id, lost: number - last - 1 }, 'A server lost lines');
    last = number;
    if (!byApp.has(host) && byApp.size >= MAX_APPS_OF_SERVER) {
      throw new DcdgetError('too_large', `More than ${MAX_APPS_OF_SERVER} apps at a time`);
    }
    const opening = byApp.get(host) ?? open(host);
    byApp.set(host, opening);
    opening
      .then((inUse) => inUse.log.acceptOfMany({ at, source, process, text, run, number }))
      .catch((error: unknown) => log.error({ err: error, app: host }, 'A line could not be taken'));
  };
}

function otherEnd({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress}:${remotePort} ${localPort}`;
}

async function listening(server: Server, address: Address | undefined): Promise<void> {
  server.listen(address);
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
