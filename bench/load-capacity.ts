import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { forkAhead } from './load-process.ts';
import { startLoad } from './load.ts';

/** What the generator manages by itself, against a server that does nothing. */
export type Capacity = { rate: number; answered: number; p50Ms: number; p99Ms: number };

/** As many times the rate of the measurement must it manage. */
const HEADROOM = 3;
const LEAST_SHARE = 0.98;

/** Throws when the generator would be the bottleneck of a measurement at this rate. */
export async function measureCapacity(rate: number, seconds = 5): Promise<Capacity> {
  const peer = forkAhead(join(import.meta.dirname, 'load-peer.ts'));
  try {
    const [{ port }] = (await once(peer, 'message', { signal: AbortSignal.timeout(10_000) })) as [AddressInfo];
    using load = await startLoad({ host: '127.0.0.1', port, appHost: 'peer', rate: HEADROOM * rate });
    await sleep(1000);
    load.beginPhase('measured');
    await sleep(seconds * 1000);
    load.beginPhase('over');
    const { phases, lost, distrust } = await load.stop();
    const { requests = 0, p50Ms = Number.NaN, p99Ms = Number.NaN } = phases['measured'] ?? {};
    const capacity = { rate: HEADROOM * rate, answered: Math.round(requests / seconds), p50Ms, p99Ms };
    if (lost === 0 && distrust.length === 0 && capacity.answered >= LEAST_SHARE * capacity.rate) return capacity;
    throw new Error(
      `the load generator cannot be trusted: of ${capacity.rate} requests a second to a server that does nothing ` +
        `${capacity.answered} were answered, ${lost} lost${distrust.map((reason) => `; ${reason}`).join('')}`,
    );
  } finally {
    peer.disconnect();
  }
}
