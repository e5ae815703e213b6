import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { assertRouteOverBridge } from '../embedded/bridge.ts';
import { recordedServers } from '../embedded/server-record.ts';
import { forkAhead } from './load-process.ts';
import type { LoadReport } from './load-record.ts';

export type LoadPlan = {
  /** The router: a simulated server's address, or this machine's loopback. */
  host: string;
  port: number;
  /** Host header of an app that is made of examples/rotation-probe. */
  appHost: string;
  /** Short requests a second. */
  rate: number;
  /** Whether a slow answer is always under way. */
  slow: boolean;
  /** How long an open WebSocket must outlive the switch; null for none at all. */
  socketBudgetMs: number | null;
};

export type Load = {
  /** Names what follows: the report counts each phase apart. */
  beginPhase: (name: string) => void;
  /** Waits for every answer that is still due. */
  stop: () => Promise<LoadReport>;
  /** Ends it at once, when nobody asks for its report any more. */
  [Symbol.dispose]: () => void;
};

export type ToGenerator = { say: 'phase'; name: string } | { say: 'stop' };
export type FromGenerator = { say: 'started' } | { say: 'report'; report: LoadReport };

const START_TIMEOUT_MS = 10_000;
/** A slow answer may take half a minute to count as lost. */
const STOP_TIMEOUT_MS = 45_000;

/** Puts an app under load from a process of its own until it is stopped. */
export async function startLoad(
  given: Pick<LoadPlan, 'host' | 'port' | 'appHost' | 'rate'> & Partial<LoadPlan>,
): Promise<Load> {
  const plan: LoadPlan = { slow: false, socketBudgetMs: null, ...given };
  await assertOwnNetwork(plan.host);
  const generator = forkAhead(join(import.meta.dirname, 'load-generator.ts'), JSON.stringify(plan));
  await heard(generator, 'started', START_TIMEOUT_MS);
  return {
    beginPhase: (name) => send(generator, { say: 'phase', name }),
    async stop() {
      send(generator, { say: 'stop' });
      const { report } = await heard(generator, 'report', STOP_TIMEOUT_MS);
      const left = once(generator, 'exit');
      generator.disconnect();
      await left;
      return report;
    },
    [Symbol.dispose]: () => void generator.kill('SIGKILL'),
  };
}

/** No load ever leaves this machine. */
async function assertOwnNetwork(host: string): Promise<void> {
  if (isIP(host) === 4 && host.startsWith('127.')) return;
  const server = recordedServers().find(({ address }) => address === host);
  if (!server) throw new DcdgetError('forbidden', `${host} is no simulated server, so no load is sent to it`);
  await assertRouteOverBridge(host, server.bridge);
}

function send(generator: ChildProcess, message: ToGenerator): void {
  generator.send(message);
}

type Heard<Say> = Extract<FromGenerator, { say: Say }>;

function heard<Say extends FromGenerator['say']>(
  generator: ChildProcess,
  say: Say,
  timeoutMs: number,
): Promise<Heard<Say>> {
  const { promise, resolve, reject } = Promise.withResolvers<Heard<Say>>();
  const onMessage = (message: FromGenerator) => {
    if (message.say === say) resolve(message as Heard<Say>);
  };
  const onExit = (code: number | null) => reject(new Error(`the load generator exited ${code} before it ${say}`));
  const timer = setTimeout(() => {
    generator.kill('SIGKILL');
    reject(new Error(`the load generator did not say "${say}" within ${timeoutMs} ms`));
  }, timeoutMs);
  generator.on('message', onMessage).once('exit', onExit);
  return promise.finally(() => {
    clearTimeout(timer);
    generator.off('message', onMessage).off('exit', onExit);
  });
}
