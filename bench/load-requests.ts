import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import type { Identity, LoadRecord, Way } from './load-record.ts';

export type Target = { host: string; port: number; appHost: string };

type Ask = { way: Way; method: 'GET' | 'POST'; path: string; agent: Agent; timeoutMs: number };

const SHORT_TIMEOUT_MS = 10_000;
const SLOW_TIMEOUT_MS = 30_000;
const SLOW_PARTS = 10;
/** Open at once, at most, for each way that keeps them. */
const MOST_KEPT = 64;
const AFTER_LOSS_MS = 200;
const BODY = 'x'.repeat(1000);

/**
 * Sends at fixed times whatever becomes of what was sent before, and counts each latency from the
 * time when it was due: a stall is felt by every request that was due in it.
 */
export function sendAtRate(target: Target, rate: number, record: LoadRecord): { stop: () => Promise<void> } {
  const kept = { get: agentOf(record, 'keep-alive GET', true), post: agentOf(record, 'keep-alive POST', true) };
  const fresh = agentOf(record, 'fresh', false);
  const asks: Ask[] = [
    { way: 'keep-alive GET', method: 'GET', path: '/', agent: kept.get, timeoutMs: SHORT_TIMEOUT_MS },
    { way: 'keep-alive POST', method: 'POST', path: '/echo', agent: kept.post, timeoutMs: SHORT_TIMEOUT_MS },
    { way: 'fresh', method: 'GET', path: '/', agent: fresh, timeoutMs: SHORT_TIMEOUT_MS },
    { way: 'keep-alive GET', method: 'GET', path: '/', agent: kept.get, timeoutMs: SHORT_TIMEOUT_MS },
    { way: 'keep-alive POST', method: 'POST', path: '/echo', agent: kept.post, timeoutMs: SHORT_TIMEOUT_MS },
    { way: 'fresh', method: 'POST', path: '/echo', agent: fresh, timeoutMs: SHORT_TIMEOUT_MS },
  ];
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  let timer = setTimeout(sendDue, 0);

  function sendDue(): void {
    const now = performance.now();
    for (let dueAt = startedAt + (sent * 1000) / rate; dueAt <= now; dueAt = startedAt + (sent * 1000) / rate) {
      const one = ask(target, asks[sent % asks.length] as Ask, dueAt, record).finally(() => running.delete(one));
      running.add(one);
      sent += 1;
    }
    timer = setTimeout(sendDue, 1);
  }

  return {
    async stop() {
      clearTimeout(timer);
      await Promise.all(running);
      for (const agent of [kept.get, kept.post, fresh]) agent.destroy();
    },
  };
}

/** One slow answer after the other, so that there is always one under way. */
export function askSlowly(target: Target, record: LoadRecord): { stop: () => Promise<void> } {
  const agent = agentOf(record, 'slow', false);
  const slow: Ask = { way: 'slow', method: 'GET', path: '/slow', agent, timeoutMs: SLOW_TIMEOUT_MS };
  let stopped = false;
  const asking = (async () => {
    while (!stopped) {
      const lostBefore = record.ways.get('slow')?.lost;
      await ask(target, slow, performance.now(), record);
      if (record.ways.get('slow')?.lost !== lostBefore)
        await new Promise((resolve) => setTimeout(resolve, AFTER_LOSS_MS));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await asking;
      agent.destroy();
    },
  };
}

/** Why the way's connections are not what they should be, from what the kernel really opened. */
export function distrustConnections(record: LoadRecord): string[] {
  return [...record.ways].flatMap(([way, { requests, lost, connectionsOpened }]) => {
    if (way === 'socket') return [];
    if (way.startsWith('keep-alive')) {
      // The router closes a connection after many requests; a lost one takes its connection along.
      const most = MOST_KEPT + lost + requests / 1000;
      return connectionsOpened <= most ? [] : [`${way}: ${connectionsOpened} connections for ${requests} requests`];
    }
    // One that could not connect has none.
    return connectionsOpened <= requests && connectionsOpened >= requests - lost
      ? []
      : [`${way}: ${connectionsOpened} connections for ${requests} requests, of which ${lost} were lost`];
  });
}

function agentOf(record: LoadRecord, way: Way, keepAlive: boolean): Agent {
  const agent = new Agent(keepAlive ? { keepAlive, maxSockets: MOST_KEPT, scheduling: 'fifo' } : { keepAlive });
  agent.createConnection = ({ host, port }: RequestOptions) => {
    const socket = connect({ host: host ?? '', port: Number(port), noDelay: true });
    return socket.once('connect', () => record.connected(way));
  };
  return agent;
}

/** Never rejects: what goes wrong is recorded as lost. */
async function ask(target: Target, { way, method, path, agent, timeoutMs }: Ask, dueAt: number, record: LoadRecord) {
  const phase = record.phase;
  const sentAt = performance.now();
  const body = method === 'POST' ? `${dueAt} ${BODY}` : '';
  try {
    const answer = await exchange({ ...target, method, path, agent }, target.appHost, body, timeoutMs);
    const wrong = whatIsWrong(answer, path, body);
    if (wrong === null) record.answered({ way, phase, dueAt, sentAt, identity: answer.identity });
    else record.lost(way, phase, wrong, `${answer.status} ${answer.text.slice(0, 200)}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    record.lost(way, phase, code ?? 'error', message);
  }
}

type Answer = { status: number; text: string; identity: Identity };

function exchange(options: RequestOptions, appHost: string, body: string, timeoutMs: number): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const fail = (code: string, message: string) => reject(Object.assign(new Error(message), { code }));
  const headers = { host: appHost, ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }) };
  const call = request({ ...options, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => (text += part));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text, identity: identityOf(response) }));
    response.on('error', reject);
    response.on('close', () => fail('cut', `the answer ended after ${text.length} characters`));
  });
  const timer = setTimeout(() => {
    fail('late', `no whole answer within ${timeoutMs} ms`);
    call.destroy();
  }, timeoutMs);
  call.on('error', reject);
  call.end(body);
  return promise.finally(() => clearTimeout(timer));
}

function whatIsWrong({ status, text, identity }: Answer, path: string, body: string): string | null {
  if (status !== 200) return 'status';
  if (identity.instance === '') return 'no instance';
  if (path === '/echo' && text !== body) return 'another body';
  if (path === '/slow' && text.split('\n').length !== SLOW_PARTS + 1) return 'cut short';
  return null;
}

function identityOf({ headers }: IncomingMessage): Identity {
  return {
    instance: String(headers['probe-instance'] ?? ''),
    release: Number(String(headers['probe-release'] ?? '').slice(1)),
  };
}
