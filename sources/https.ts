import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { DcdgetError } from '../domain/errors.ts';
import type { Gate } from './gate.ts';

/** A signal that fires with its reason in words when it takes longer, too. */
export function within(signal: AbortSignal, minutes: number): AbortSignal & Disposable {
  const late = new AbortController();
  const sentence = `It took longer than ${minutes} minutes to fetch the source.`;
  const timer = setTimeout(() => late.abort(new DcdgetError('source_invalid', sentence)), minutes * 60_000);
  return Object.assign(AbortSignal.any([signal, late.signal]), { [Symbol.dispose]: () => clearTimeout(timer) });
}

/** How sources are fetched: where from, whom to trust beside the public authorities (PEM), until when. */
export type Fetching = { gate: Gate; ca: string | null; signal: AbortSignal };

export type Opened = { response: IncomingMessage; url: URL; addresses: string[] };

const IDLE_TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;
const MAX_HEADER_BYTES = 32 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The server may answer otherwise in a moment. */
const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Opens a GET and follows redirects, each of them through the gate. It connects to the address that the gate has seen
 * and looks no name up again. What `authorization` says goes to the first origin alone. Throws source_invalid for what
 * stays so, unavailable for what may pass; no error holds more of a URL than its host.
 */
export async function openHttps(first: URL, authorization: string | null, fetching: Fetching): Promise<Opened> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const addresses = await fetching.gate.addressesOf(url);
    const headers = authorization !== null && url.origin === first.origin ? { authorization } : {};
    const response = await answerOf(url, addresses, headers, fetching);
    const status = response.statusCode ?? 0;
    if (status === 200) return { response, url, addresses };
    response.destroy();
    if (!REDIRECTS.has(status)) throw answered(url, status);
    url = nextUrl(url, response.headers.location);
  }
  throw new DcdgetError('source_invalid', `${first.host} redirects more than ${MAX_REDIRECTS} times.`);
}

async function answerOf(
  url: URL,
  addresses: readonly string[],
  headers: Record<string, string>,
  { ca, signal }: Fetching,
): Promise<IncomingMessage> {
  const request = https.get(url, {
    agent: false,
    headers: { 'user-agent': 'dcdget', accept: '*/*', ...headers },
    lookup: seen(addresses),
    maxHeaderSize: MAX_HEADER_BYTES,
    timeout: IDLE_TIMEOUT_MS,
    signal,
    ...(ca === null ? {} : { ca: [...rootCertificates, ca] }),
  });
  request.on('timeout', () => request.destroy(new Error(`no byte for ${IDLE_TIMEOUT_MS / 1000} s`)));
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Whoever reads the response hears of what breaks it there.
    request.on('error', () => undefined);
    return response;
  } catch (cause) {
    throw brokenOff(url, cause, signal);
  }
}

/** An error of the line in words, without the URL; the signal's own reason when it has fired. */
export function brokenOff(url: URL, cause: unknown, signal: AbortSignal): Error {
  if (cause instanceof DcdgetError) return cause;
  if (signal.aborted && signal.reason instanceof DcdgetError) return signal.reason;
  const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
  return new DcdgetError('unavailable', `${url.host} could not be fetched from (${why}).`, { cause });
}

function seen(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    const [one = { address: '', family: 0 }] = all;
    if (options.all) done(null, all);
    else done(null, one.address, one.family);
  };
}

function nextUrl(from: URL, location: string | undefined): URL {
  const next = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (next?.protocol === 'https:' && next.username === '' && next.password === '') return next;
  throw new DcdgetError('source_invalid', `${from.host} redirects to what is no https:// URL.`);
}

function answered(url: URL, status: number): DcdgetError {
  const isLocked = status === 401 || status === 403 || status === 404;
  const facts = isLocked ? { hint: 'Is the address right, and does what it names need a token?' } : {};
  return new DcdgetError(
    LATER.has(status) ? 'unavailable' : 'source_invalid',
    `${url.host} answered ${status}.`,
    facts,
  );
}
