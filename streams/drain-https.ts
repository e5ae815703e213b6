import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import type { Drain } from '../domain/drains.ts';
import type { Sink, SinkParts } from './drains.ts';
import { frame } from './frames.ts';
import type { Line } from './lines.ts';

const TIMEOUT_MS = 15_000;
/** Asked too often or too slowly: later it may be taken. */
const PASSING = new Set([408, 425, 429]);

/** Batches as Heroku posts them: `application/logplex-1`, octet-counted frames of syslog. */
export function openHttpsSink({ token }: Drain, url: URL, { gate, ca }: SinkParts): Sink {
  return {
    async send(lines, signal) {
      const body = lines.map(logplexFrame).join('');
      const [address = ''] = await gate.addressesOf(url);
      const status = await post(url, address, body, lines.length, token, ca, signal);
      if (status >= 200 && status < 300) return 'taken';
      if (status >= 400 && status < 500 && !PASSING.has(status)) return 'refused';
      throw new Error(`${url.host} answered ${status}`);
    },
    close() {},
  };
}

/** Heroku leaves the structured data out. */
function logplexFrame({ at, source, process, text }: Line): string {
  return frame(`<${source === 'app' ? 190 : 174}>1 ${at} host ${source} ${process} - ${text}\n`);
}

/** The status of the answer; redirects are not followed. */
function post(
  url: URL,
  address: string,
  body: string,
  count: number,
  token: string,
  ca: string[] | undefined,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: 'POST',
        ...(ca === undefined ? {} : { ca }),
        agent: false,
        // The address that was looked at, and no other one.
        lookup: (_host, options, found) =>
          options.all ? found(null, [{ address, family: familyOf(address) }]) : found(null, address, familyOf(address)),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        headers: {
          'content-type': 'application/logplex-1',
          'content-length': Buffer.byteLength(body),
          'logplex-msg-count': count,
          'logplex-frame-id': randomUUID(),
          'logplex-drain-token': token,
          'user-agent': 'dcdget',
        },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
