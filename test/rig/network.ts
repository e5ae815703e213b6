import { randomBytes } from 'node:crypto';
import type { Bridge } from '../../embedded/bridge.ts';
import { run } from '../../embedded/commands.ts';
import { DcdgetError } from '../../domain/errors.ts';

/** A network that no bridge of this machine has, out of the range set aside for tests of networks. */
export async function freeBridge(): Promise<Bridge> {
  const taken = await run({ command: 'ip', args: ['-4', '-o', 'address', 'show'], timeoutMs: 5000 });
  for (let tries = 0; tries < 100; tries += 1) {
    // 198.18.0.0/24 is bin/dev's.
    const [high = 0, low = 0, ...name] = randomBytes(5);
    const prefix = `198.${18 + (high % 2)}.${1 + (low % 254)}`;
    if (taken.includes(` ${prefix}.`)) continue;
    return { name: `dcd${Buffer.from(name).toString('hex')}`, gateway: `${prefix}.1`, prefixLength: 24 };
  }
  throw new DcdgetError('unavailable', 'no network below 198.18.0.0/15 is free');
}
