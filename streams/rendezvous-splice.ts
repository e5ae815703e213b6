import type { Duplex } from 'node:stream';
import type { Limits } from './rendezvous-limits.ts';

/**
 * Carries bytes both ways until the instance has ended or the client has gone; resolves when both are closed.
 * What was written in one piece arrives in one piece: clients look for words that must not be cut.
 */
export function splice(client: Duplex, instance: Duplex, { idleMs, lingerMs }: Pick<Limits, 'idleMs' | 'lingerMs'>) {
  return new Promise<void>((resolve) => {
    let lastMs = Date.now();
    const touch = () => (lastMs = Date.now());
    const end = () => {
      client.destroy();
      instance.destroy();
    };
    const idle = setInterval(() => Date.now() - lastMs >= idleMs && end(), Math.max(10, Math.min(60_000, idleMs / 4)));
    let linger: NodeJS.Timeout | undefined;
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open > 0) return;
      clearInterval(idle);
      clearTimeout(linger);
      resolve();
    };
    client.once('close', closed).once('close', () => instance.destroy());
    instance.once('close', closed).once('close', lastWords);
    forward(client, instance, touch);
    forward(instance, client, touch);
    // One may have said all, or gone, while it waited.
    if (client.readableEnded) instance.end();
    else client.once('end', () => instance.end());
    if (instance.readableEnded) lastWords();
    else instance.once('end', lastWords);
    if (client.destroyed || instance.destroyed) end();

    /** The client reads what is under way; what it still says is for nobody. */
    function lastWords(): void {
      if (linger !== undefined) return;
      client.end();
      linger = setTimeout(end, lingerMs);
      client.once('finish', () => setTimeout(end, LAST_MS));
    }
  });
}

/** From the last byte written to the end of a connection whose other side does not close it. */
const LAST_MS = 2000;

/** One write at a time: the next piece is read when the last one has gone out. */
function forward(from: Duplex, to: Duplex, touch: () => void): void {
  from.on('data', (chunk: Buffer) => {
    touch();
    if (to.destroyed || to.writableEnded) return;
    from.pause();
    to.write(chunk, () => from.resume());
  });
  from.resume();
}
