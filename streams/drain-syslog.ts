import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Drain } from '../domain/drains.ts';
import type { Sink, SinkParts } from './drains.ts';
import { frame } from './frames.ts';
import type { Line } from './lines.ts';

const TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 60_000;

/** One connection, kept; syslog has no answers, so that what was on its way when it breaks is gone. */
export function openSyslogSink({ token }: Drain, url: URL, { gate, ca }: SinkParts): Sink {
  let socket: TLSSocket | null = null;

  async function open(signal: AbortSignal): Promise<TLSSocket> {
    const [host = ''] = await gate.addressesOf(url);
    const opened = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(url.hostname) === 0 ? { servername: url.hostname } : {}),
      ...(ca === undefined ? {} : { ca }),
    });
    opened.setKeepAlive(true, KEEP_ALIVE_MS);
    // Who sends nothing back is not read.
    opened.resume();
    try {
      await once(opened, 'secureConnect', { signal: limited(signal) });
    } catch (error) {
      opened.destroy();
      throw error;
    }
    opened.on('error', () => opened.destroy());
    return opened;
  }

  return {
    async send(lines, signal) {
      if (socket === null || socket.destroyed || !socket.writable) socket = await open(signal);
      const current = socket;
      if (!current.write(lines.map((line) => syslogFrame(line, token)).join(''))) {
        try {
          await once(current, 'drain', { signal: limited(signal) });
        } catch (error) {
          current.destroy();
          throw error;
        }
      }
      return 'taken';
    },
    close: () => void socket?.destroy(),
  };
}

function syslogFrame({ at, source, process, text }: Line, token: string): string {
  return frame(`<${source === 'app' ? 190 : 174}>1 ${at} ${token} ${source} ${process} - - ${text}`);
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}
