import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { readSettings, type Settings } from '../config/settings.ts';
import { createGate } from '../sources/gate.ts';
import { openStore } from '../store/store.ts';
import { serveHttp } from '../streams/http.ts';
import { startDrains } from '../streams/drains.ts';
import { startLogHub } from '../streams/log-hub.ts';
import { openRendezvous } from '../streams/rendezvous.ts';
import { ownHosts } from './own-hosts.ts';
import { createSessionNews } from './session-news.ts';

const STOP_MS = 10_000;

const log = {
  info: (facts: object, sentence: string) => console.log(JSON.stringify({ ...facts, sentence })),
  error: ({ err, ...facts }: { err?: unknown }, sentence: string) =>
    console.error(JSON.stringify({ ...facts, sentence }), err ?? ''),
};

const settings = readSettings();
const store = await openStore(settings);
const tls = await store.authority.issue(namesOf(settings));
const { streams } = settings;
const hub = await startLogHub(streams, tls, store.signatures, log);
const endDrains = startDrains({
  logs: hub.logs,
  list: () => store.drains.list(),
  gate: createGate(streams.drainAllowedHosts, () => ownHosts(settings, store), undefined, 'DRAIN_ALLOWED_HOSTS'),
  ca: drainAuthorities(streams.drainCaFile),
  placesFile: join(streams.folder, 'drains.json'),
  log,
});
const news = createSessionNews(settings.temporal, log);
const rendezvous = await openRendezvous({
  listen: settings.rendezvous.listen,
  tls,
  signing: store.signatures,
  onHangUp: news.hungUp,
});
const closeHttp = await serveHttp(
  streams.httpListen,
  tls,
  { 'GET /health': (_, response) => void response.end('{"status":"ok"}'), ...hub.routes },
  log,
);
log.info({}, 'The streams are ready');

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());

async function stop(): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  await Promise.all([closeHttp(), endDrains(), rendezvous.close()]);
  await hub.close();
  await news.close();
  await store.close();
}

/** Every name under which the process may be called. */
function namesOf({ streams: { listen, publicAddress, httpListen, httpUrl }, rendezvous }: Settings): string[] {
  const addresses = [...listen, ...httpListen, ...rendezvous.listen, publicAddress, rendezvous.publicAddress];
  const hosts = addresses.flatMap((address) => address?.host ?? []);
  if (httpUrl !== null) hosts.push(new URL(httpUrl).hostname);
  return [...new Set([...hosts, 'localhost', '127.0.0.1'])];
}

/** The public ones, and the operator's own. */
function drainAuthorities(file: string | null): string[] | undefined {
  return file === null ? undefined : [...rootCertificates, readFileSync(file, 'utf8')];
}
