import { constants } from 'node:os';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { CliError, EXIT } from './errors.ts';
import { countedBytes, createFrameReader, frame, number64, type Frame } from './session-frames.ts';
import { createOutbox } from './session-outbox.ts';

/** What the session is joined with on this side. */
export type Desk = {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  errors: NodeJS.WritableStream;
  /** Null without a terminal. */
  window: () => { rows: number; columns: number } | null;
};

export type SessionPlan = {
  /** `rendezvous://host:port/SECRET` */
  url: string;
  tls: object;
  desk: Desk;
  /** Null when it cannot be taken up again. */
  again: Again | null;
  /** Whether somebody began it before. */
  isTakenUp: boolean;
};

/** How a session is taken up again after the network broke. */
export type Again = {
  /** Another URL, null when the session has ended. Throws while the API cannot be reached, too. */
  url: () => Promise<string | null>;
  /** How long the session waits for this side. */
  patienceMs: number;
  /** Called once for each break. */
  lost: () => void;
};

export type OpenSession = {
  /** The exit code; null when the connection ended without one. Throws when there is no connection. */
  ended: Promise<number | null>;
  resize(): void;
  signal(name: NodeJS.Signals): void;
  close(): void;
};

const CONNECT_MS = 10_000;
const PING_MS = 15_000;
const SILENCE_MS = 45_000;
const AGAIN_MS = 1000;
const ACK_EVERY_BYTES = 64 * 1024;
const PIECE_BYTES = 32 * 1024;
const MOST_HELD_BYTES = 1024 * 1024;

export function openSession(plan: SessionPlan): OpenSession {
  const { desk } = plan;
  const outbox = createOutbox();
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  let received: number | undefined = plan.isTakenUp ? undefined : 0;
  let untold = 0;
  let socket: TLSSocket | undefined;
  /** Whether the other side has said hello, on the present connection and ever. */
  let isGreeted = false;
  let isOver = false;
  let wasGreeted = false;
  let lostAt = Date.now();

  desk.input.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) say(frame('i', chunk.subarray(at, at + PIECE_BYTES)));
  });
  desk.input.once('end', () => say(frame('z')));
  resize();
  void run(plan.url);
  return { ended: ended.finally(stop), resize, signal, close: stop };

  function stop(): void {
    isOver = true;
    desk.input.pause();
    socket?.destroy();
  }

  function resize(): void {
    const window = desk.window();
    if (window === null) return;
    const size = Buffer.alloc(4);
    size.writeUInt16BE(window.rows, 0);
    size.writeUInt16BE(window.columns, 2);
    say(frame('w', size));
  }

  function signal(name: NodeJS.Signals): void {
    say(frame('s', Buffer.of(constants.signals[name])));
  }

  /** What is said before the connection, or without one, waits. */
  function say(piece: Buffer): void {
    if (plan.again !== null || !wasGreeted) outbox.add(piece);
    if (!isGreeted || socket === undefined) {
      desk.input.pause();
      return;
    }
    const isTaken = socket.write(piece);
    if (!isTaken || outbox.heldBytes() > MOST_HELD_BYTES) desk.input.pause();
  }

  async function run(first: string): Promise<void> {
    let url: string | null = first;
    try {
      while (url !== null && !isOver) {
        const exitCode = await talk(url);
        if (exitCode !== undefined || plan.again === null || isOver) return resolve(exitCode ?? null);
        url = await nextUrl(plan.again);
      }
      resolve(null);
    } catch (error) {
      reject(error);
    }
  }

  /** A network that is away takes the API along: it is asked as long as the session waits. */
  async function nextUrl(again: Again): Promise<string | null> {
    for (;;) {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
      const isLate = Date.now() - lostAt >= again.patienceMs;
      try {
        const url = await again.url();
        if (url === null || !isLate) return url;
      } catch (error) {
        if (isLate || isOver || !isUnreachable(error)) throw error;
      }
      if (isLate) return null;
    }
  }

  /** Resolves with the exit code, or with undefined when the connection ended without one. */
  function talk(url: string): Promise<number | undefined> {
    return new Promise((over, failed) => {
      const { host, port, secret } = partsOf(url);
      const connection = connect({ host, port, ...plan.tls, ...(isIP(host) ? {} : { servername: host }) });
      socket = connection;
      connection.setNoDelay(true);
      const late = setTimeout(() => connection.destroy(notReached(host, port)), CONNECT_MS);
      const ping = setInterval(() => isGreeted && connection.write(frame('p')), PING_MS);
      let exitCode: number | undefined;
      let failure: Error | undefined;
      connection.once('secureConnect', () => {
        clearTimeout(late);
        connection.write(`${secret}\r\n`);
        connection.write(frame('h', number64(received)));
      });
      connection.on('drain', () => desk.input.resume());
      connection.on('error', (error) => (failure = error));
      connection.once('close', () => {
        clearTimeout(late);
        clearInterval(ping);
        if (isGreeted && exitCode === undefined && !isOver) lose();
        isGreeted = false;
        if (!connection.bytesRead && failure !== undefined && !wasGreeted) failed(asCliError(failure, host, port));
        else over(exitCode);
      });
      const read = createFrameReader();
      skipGreeting(connection, (chunk) => {
        for (const one of read(chunk)) exitCode = take(one, connection) ?? exitCode;
      });
    });
  }

  function lose(): void {
    lostAt = Date.now();
    plan.again?.lost();
  }

  function take({ kind, content }: Frame, connection: TLSSocket): number | undefined {
    const bytes = countedBytes({ kind, content });
    if (received !== undefined) received += bytes;
    untold += bytes;
    switch (kind) {
      case 'h':
        greeted(content, connection);
        break;
      case 'a':
        outbox.acknowledge(Number(content.readBigUInt64BE(0)));
        if (outbox.heldBytes() <= MOST_HELD_BYTES) desk.input.resume();
        break;
      case 'o':
        pass(content, desk.output, connection);
        break;
      case 'e':
        pass(content, desk.errors, connection);
        break;
      case 'x':
        acknowledge(connection);
        connection.end();
        return content.readInt32BE(0);
    }
    if (untold >= ACK_EVERY_BYTES) acknowledge(connection);
    return undefined;
  }

  function greeted(content: Buffer, connection: TLSSocket): void {
    isGreeted = true;
    wasGreeted = true;
    connection.setTimeout(SILENCE_MS, () => connection.destroy());
    const goOn = Number(content.readBigUInt64BE(8));
    received ??= goOn;
    for (const piece of outbox.resume(Number(content.readBigUInt64BE(0)))) connection.write(piece);
    // What was said before there was anybody to hear it need not be said again.
    if (plan.again === null) outbox.forget();
    desk.input.resume();
  }

  function acknowledge(connection: TLSSocket): void {
    untold = 0;
    connection.write(frame('a', number64(received)));
  }

  function pass(content: Buffer, to: NodeJS.WritableStream, connection: TLSSocket): void {
    if (to.write(content)) return;
    connection.pause();
    to.once('drain', () => connection.resume());
  }
}

/** The first line is the rendezvous's own. */
function skipGreeting(connection: TLSSocket, give: (chunk: Buffer) => void): void {
  let isPast = false;
  connection.on('data', (chunk: Buffer) => {
    const end = isPast ? -1 : chunk.indexOf(0x0a);
    if (isPast) give(chunk);
    else if (end >= 0) {
      isPast = true;
      give(chunk.subarray(end + 1));
    }
  });
}

function partsOf(url: string): { host: string; port: number; secret: string } {
  const { hostname, port, pathname } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port), secret: pathname.slice(1) };
}

function notReached(host: string, port: number): CliError {
  return asCliError(new Error('it does not answer'), host, port);
}

function isUnreachable(error: unknown): boolean {
  return error instanceof CliError && (error.exitCode === EXIT.unreachable || error.id === 'unavailable');
}

function asCliError(cause: Error, host: string, port: number): CliError {
  if (cause instanceof CliError) return cause;
  return new CliError('unreachable', `The rendezvous at ${host}:${port} cannot be reached: ${cause.message}`, {
    hint: 'Check that dcdget-streams runs, and that nothing between here and there blocks it.',
    exitCode: EXIT.unreachable,
    cause,
  });
}
