import { createServer } from 'node:net';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';

// Below the range from which the kernel gives outgoing connections their ports.
const FIRST = 20_000;
const LAST = 32_000;

/** Different ports that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries > 1000) throw new DcdgetError('unavailable', `no ${count} free ports from ${FIRST} to ${LAST}`);
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

/** Throws a sentence naming the first of the ports that is taken, what for, and by whom. */
export async function requireFreePorts(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [purpose, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    throw new DcdgetError('conflict', `port ${port}, needed for ${purpose}, is taken by ${await owner(port)}`, {
      hint: 'Stop that process and try again.',
    });
  }
}

export function isFree(port: number, host = '0.0.0.0'): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function owner(port: number): Promise<string> {
  const listing = run({ command: 'ss', args: ['-Hltnp', `sport = :${port}`], timeoutMs: 5000 });
  // Who it is helps, but the port is taken anyway.
  const sockets = await listing.catch(() => '');
  const match = /\("([^"]+)",pid=(\d+)/.exec(sockets);
  return match ? `${match[1]} (process ${match[2]})` : 'another process';
}
