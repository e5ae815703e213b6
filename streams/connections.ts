import type { Socket } from 'node:net';

export type ConnectionLimits = {
  /** All of them, and those that have not said who they are. */
  total: number;
  strangers: number;
  /** The same from one address: a server has many instances behind it. */
  totalPerAddress: number;
  strangersPerAddress: number;
};

export const CONNECTION_LIMITS: ConnectionLimits = {
  total: 10_000,
  strangers: 1000,
  totalPerAddress: 2000,
  strangersPerAddress: 200,
};

/** Counts who is connected, so that strangers cannot crowd out those who are known. */
export function createConnections(limits: ConnectionLimits = CONNECTION_LIMITS) {
  const all = new Map<string, number>();
  const strangers = new Map<string, number>();
  let allCount = 0;
  let strangerCount = 0;

  return {
    /** Null when there is no room; else what is called once they are known. Going is noticed by itself. */
    admit(socket: Socket): (() => void) | null {
      const address = socket.remoteAddress ?? '';
      if (allCount >= limits.total || (all.get(address) ?? 0) >= limits.totalPerAddress) return null;
      if (strangerCount >= limits.strangers || (strangers.get(address) ?? 0) >= limits.strangersPerAddress) return null;
      let isStranger = true;
      allCount += add(all, address, 1);
      strangerCount += add(strangers, address, 1);
      const known = (): void => {
        if (isStranger) strangerCount += add(strangers, address, -1);
        isStranger = false;
      };
      socket.once('close', () => {
        known();
        allCount += add(all, address, -1);
      });
      return known;
    },
  };
}

function add(counts: Map<string, number>, address: string, change: 1 | -1): number {
  const count = (counts.get(address) ?? 0) + change;
  if (count === 0) counts.delete(address);
  else counts.set(address, count);
  return change;
}
