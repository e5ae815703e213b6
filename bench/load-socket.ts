import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { LoadRecord, SocketReport } from './load-record.ts';
import type { Target } from './load-requests.ts';

const ECHO_EVERY_MS = 200;
const ECHO_TIMEOUT_MS = 5000;
const OPEN_TIMEOUT_MS = 10_000;
const AFTER_LOSS_MS = 200;

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Why a socket ended: the code of its close frame, or the error that broke it. */
type Ending = { instance: string; at: number; reason: string };

/**
 * Keeps one WebSocket open that echoes all the time. When its instance goes, it may end once the
 * budget is over, counted from the last request that the instance took; then another one is opened.
 */
export function keepSocket(
  target: Target,
  budgetMs: number,
  record: LoadRecord,
): { stop: () => Promise<SocketReport> } {
  const report: SocketReport = { opened: 0, echoes: 0, heldMs: [], diedEarly: [] };
  let close: (() => void) | null = null;
  let stopped = false;

  const keeping = (async () => {
    while (!stopped) {
      const { phase } = record;
      const openedAt = performance.now();
      try {
        const socket = await openSocket(target);
        report.opened += 1;
        record.connected('socket');
        record.answered({ way: 'socket', phase, dueAt: openedAt, sentAt: openedAt, identity: NOBODY });
        const ending = echoUntilEnd(socket, () => (report.echoes += 1));
        close = ending.close;
        if (stopped) close();
        judge(await ending.ended);
      } catch (error) {
        record.lost('socket', phase, (error as NodeJS.ErrnoException).code ?? 'error', (error as Error).message);
        await new Promise((resolve) => setTimeout(resolve, AFTER_LOSS_MS));
      }
    }
  })();

  function judge({ instance, at, reason }: Ending): void {
    if (stopped) return;
    const heldMs = Math.round(at - (record.lastSeenAt(instance) ?? at));
    report.heldMs.push(heldMs);
    if (heldMs >= budgetMs) return;
    report.diedEarly.push(`${new Date().toISOString()} ${instance || 'unknown'}: ${reason}, held for ${heldMs} ms`);
  }

  return {
    async stop() {
      stopped = true;
      close?.();
      await keeping;
      return report;
    },
  };
}

const NOBODY = { instance: '', release: 0 };

function openSocket({ host, port, appHost }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const call = request({
      host,
      port,
      path: '/socket',
      agent: false,
      headers: {
        host: appHost,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
    });
    const late = Object.assign(new Error(`no WebSocket within ${OPEN_TIMEOUT_MS} ms`), { code: 'late' });
    const timer = setTimeout(() => call.destroy(late), OPEN_TIMEOUT_MS);
    call.on('close', () => clearTimeout(timer));
    call.on('error', reject);
    call.on('response', (response) => {
      response.resume();
      reject(Object.assign(new Error(`the WebSocket was answered ${response.statusCode}`), { code: 'status' }));
    });
    call.on('upgrade', (_response, socket, head) => {
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    call.end();
  });
}

/** The first message names the instance; every later one is the echo of what was sent, in order. */
function echoUntilEnd(socket: Socket, onEcho: () => void): { ended: Promise<Ending>; close: () => void } {
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  const awaited: { text: string; sentAt: number }[] = [];
  let instance = '';
  let sent = 0;
  let rest: Buffer = Buffer.alloc(0);

  const end = (reason: string) => {
    clearInterval(timer);
    resolve({ instance, at: performance.now(), reason });
    socket.destroy();
  };
  const timer = setInterval(() => {
    const [oldest] = awaited;
    if (oldest && performance.now() - oldest.sentAt > ECHO_TIMEOUT_MS) return end(`no echo for ${ECHO_TIMEOUT_MS} ms`);
    sent += 1;
    awaited.push({ text: `echo ${sent}`, sentAt: performance.now() });
    socket.write(frameOf(TEXT, Buffer.from(`echo ${sent}`)));
  }, ECHO_EVERY_MS);

  function take({ opcode, payload }: Frame): void {
    if (opcode === CLOSE) return end(`closed with ${payload.length >= 2 ? payload.readUInt16BE(0) : 'no code'}`);
    if (opcode === PING) socket.write(frameOf(PONG, payload));
    if (opcode !== TEXT) return;
    if (instance === '') {
      instance = payload.toString().split(' ')[0] ?? '';
      return;
    }
    if (awaited.shift()?.text !== payload.toString()) return end(`echoed another text: ${payload.toString()}`);
    onEcho();
  }

  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (let frame = readFrame(rest); frame !== null; frame = readFrame(rest)) {
      rest = rest.subarray(frame.bytes);
      take(frame);
    }
  });
  socket.on('error', (error) => end(`broke: ${error.message}`));
  socket.on('close', () => end('was cut without a close frame'));
  return { ended, close: () => end('closed by the load generator') };
}

type Frame = { opcode: number; payload: Buffer; bytes: number };

/** The first whole frame of a server, or null when there is none yet. All of them are short here. */
function readFrame(data: Buffer): Frame | null {
  if (data.length < 2) return null;
  const length = data.readUInt8(1) & 0x7f;
  if (length > 125) throw new Error('the WebSocket sent a frame of more than 125 bytes');
  if (data.length < 2 + length) return null;
  return { opcode: data.readUInt8(0) & 0x0f, payload: data.subarray(2, 2 + length), bytes: 2 + length };
}

/** A masked frame of at most 125 bytes, as a client sends it. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}
