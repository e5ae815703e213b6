import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readSettings, type Settings } from '../config/settings.ts';
import { openObjects } from '../objects/objects.ts';
import { createGate } from '../sources/gate.ts';
import type { Certificate } from '../store/authority.ts';
import { openStore } from '../store/store.ts';
import { createAnnouncer } from '../streams/announcer.ts';
import type { Api } from './api.ts';
import { buildApp, MAX_HEADER_BYTES, REQUEST_TIMEOUT_MS } from './app.ts';
import { keepHandingIn } from './operations.ts';
import { readBuildpackNames } from './buildpack-names.ts';
import { readRecipes } from './recipes.ts';
import { openTemporal } from './temporal.ts';

const DRAIN_MS = 15_000;

await serve(readSettings());

async function serve(settings: Settings): Promise<void> {
  const store = await openStore(settings);
  const objects = openObjects(settings.objects);
  await objects.prepare();
  const temporal = openTemporal(settings.temporal);
  const { firstToken, firstUser, publicUrl, listen, caFile } = settings.api;
  if (firstToken !== null) await store.users.admit(firstUser, firstToken);
  // The way back for who runs this dcdget and has lost the token of its first user.
  await store.users.appoint(firstUser);
  if (caFile !== null) await writeFile(caFile, store.authority.certificate);

  const tls = await store.authority.issue(namesOf(settings.api));
  const recipes = await readRecipes(fileURLToPath(new URL('../recipes', import.meta.url)));
  const buildpacks = await readBuildpackNames(fileURLToPath(new URL('../buildpacks', import.meta.url)));
  const addresses = { publicUrl, appsDomain: settings.appsDomain, appsPort: settings.appsPort };
  const { bootSeconds, retryBudgetSeconds, git } = settings;
  const gate = createGate(settings.sources.allowedHosts, async () => []);
  const drainGate = createGate(settings.streams.drainAllowedHosts, async () => [], undefined, 'DRAIN_ALLOWED_HOSTS');
  const given = {
    recipes,
    buildpacks,
    addresses,
    streamsUrl: settings.streams.httpUrl,
    drainGate,
    rendezvous: settings.rendezvous.publicAddress,
    git,
    gate,
  };
  const deps = {
    store,
    objects,
    temporal,
    ...given,
    bootSeconds,
    retryBudgetSeconds,
    logArchiveDays: settings.logArchive.days,
  };
  const { api, starter } = buildApp(deps, { tls, logger: true });
  const announcer = createAnnouncer({
    httpUrl: settings.streams.httpUrl,
    ca: store.authority.certificate,
    tokens: store.signatures,
    warn: (sentence) => api.log.warn({}, sentence),
  });
  store.operations.watch(announcer.announce);
  const more = await listenOnAll(api, listen, tls);
  const stopHandingIn = keepHandingIn(starter, api.log);

  const stop = async (): Promise<void> => {
    stopHandingIn();
    await Promise.all([api.close(), ...more.map(close)]);
    await announcer.close();
    await Promise.all([store.close(), temporal.close()]);
    objects.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void drain(api, signal, stop));
}

/** Every name under which the API may be called. */
function namesOf({ listen, publicUrl }: Settings['api']): string[] {
  return [...new Set([new URL(publicUrl).hostname, ...listen.map(({ host }) => host), 'localhost', '127.0.0.1'])];
}

/** Fastify listens on the first address; the others are servers of the same routes. */
async function listenOnAll(api: Api, listen: Settings['api']['listen'], tls: Certificate): Promise<Server[]> {
  const [first, ...others] = listen;
  if (first === undefined) return [];
  await api.listen(first);
  const more = others.map(() =>
    createServer(
      {
        cert: tls.certificate,
        key: tls.privateKey,
        maxHeaderSize: MAX_HEADER_BYTES,
        requestTimeout: REQUEST_TIMEOUT_MS,
      },
      (request, response) => api.routing(request, response),
    ),
  );
  await Promise.all(
    more.map(async (server, index) => {
      server.listen(others[index]);
      await once(server, 'listening');
    }),
  );
  return more;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeIdleConnections();
  await once(server, 'close');
}

/** Requests under way are answered, streams end, then the process does; after 15 s it does anyway. */
async function drain(api: Api, signal: string, stop: () => Promise<void>): Promise<void> {
  api.log.info({ signal }, 'The API drains');
  setTimeout(() => {
    api.log.error({ afterMs: DRAIN_MS }, 'The API did not drain in time');
    process.exit(1);
  }, DRAIN_MS).unref();
  await stop();
}
