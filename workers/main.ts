import { readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/activities.ts';
import { readSettings, type Address, type Settings } from '../config/settings.ts';
import type { DcdgetError } from '../domain/errors.ts';
import { CONTROL_QUEUE, stackQueue } from '../domain/workflows.ts';
import { openObjects } from '../objects/objects.ts';
import { compileSlug } from '../packman/client.ts';
import { createGate } from '../sources/gate.ts';
import { assertGit } from '../sources/repository.ts';
import { createScratch } from '../sources/scratch.ts';
import { scanHostKey } from '../ssh/connect.ts';
import { createSshPool } from '../ssh/pool.ts';
import { readRecipes } from '../ssh/recipes.ts';
import { createRunRecipe } from '../ssh/run-recipe.ts';
import { openStore, type Store } from '../store/store.ts';
import { createAnnouncer } from '../streams/announcer.ts';
import { readAssets } from './assets.ts';
import { workflowBundle } from './bundle.ts';
import { stepInterceptor } from './interceptor.ts';
import { ownHosts } from './own-hosts.ts';
import { partAddresses, platformParts } from './platform-parts.ts';
import { keepSchedules } from './schedule.ts';

const QUEUES = [CONTROL_QUEUE, stackQueue('batman')];
const RECIPES = new URL('../recipes', import.meta.url).pathname;
const RECIPE_TOKEN_VALID_MS = 5 * 60_000;

Runtime.install({ logger: new DefaultLogger('INFO') });
const settings = readSettings();
const store = await openStore(settings);
const announcer = createAnnouncer({
  httpUrl: settings.streams.httpUrl,
  ca: store.authority.certificate,
  tokens: store.signatures,
  warn: (sentence) => console.warn(sentence),
});
store.operations.watch(announcer.announce);
const objects = openObjects(settings.objects);
const scratch = createScratch(settings.git.folder);
const pool = createSshPool(settings.ssh.privateKeyFile);
const connection = await NativeConnection.connect({ address: settings.temporal.address });
try {
  const options = await workerOptions(settings, store);
  const wanted = process.argv.slice(2);
  const queues = wanted.length === 0 ? QUEUES : QUEUES.filter((queue) => wanted.includes(queue));
  const workers = await Promise.all(queues.map((taskQueue) => Worker.create({ ...options, taskQueue })));
  console.log(`worker ready: ${queues.join(', ')}`);
  assertGit().catch(({ message, hint = '' }: DcdgetError) => console.error(`${message} ${hint}`));
  if (queues.includes(CONTROL_QUEUE)) void keepSchedules(settings);
  await Promise.all(workers.map((worker) => worker.run()));
} finally {
  await announcer.close();
  await pool.close();
  await connection.close();
  await scratch.close();
  objects.close();
  await store.close();
}

async function workerOptions(
  { temporal, ...given }: Settings,
  record: Store,
): Promise<WorkerOptions & { taskQueue: string }> {
  const hub = given.streams.publicAddress;
  const runRecipe = createRunRecipe(pool, {
    recipes: readRecipes(RECIPES),
    publicUrl: given.api.publicUrl,
    caCertificate: record.authority.certificate,
    tokenFor: (sha256) => record.signatures.sign(`recipe:${sha256}`, RECIPE_TOKEN_VALID_MS),
  });
  return {
    connection,
    namespace: temporal.namespace,
    taskQueue: CONTROL_QUEUE,
    workflowBundle: await workflowBundle(),
    activities: createActivities({
      store: record,
      objects,
      runRecipe,
      scanHostKey,
      compile: compileSlug,
      assets: readAssets(given.assetsFile),
      sources: {
        gate: createGate(given.sources.allowedHosts, () => ownHosts(given, record)),
        ca: async () => (given.sources.caFile === null ? null : readFile(given.sources.caFile, 'utf8')),
        scratch,
        maxMb: given.git.pushMb,
      },
      publicUrl: given.api.publicUrl,
      hub: hub && { address: pairOf(hub), serverName: hub.host },
      parts: () => partAddresses(platformParts({ ...given, temporal })),
      peers: [hub, given.rendezvous.publicAddress, apiAddress(given), ...given.appsMayReach].flatMap((peer) =>
        peer ? [pairOf(peer)] : [],
      ),
      appsDomain: given.appsDomain,
      rendezvous: given.rendezvous.publicAddress,
      watchSeconds: given.watchSeconds,
      drainSeconds: given.drainSeconds,
      bootSeconds: given.bootSeconds,
      orphanGraceSeconds: given.checks.orphanGraceSeconds,
      logArchiveDays: given.logArchive.days,
      warn: (sentence) => console.warn(sentence),
      signal: () => Context.current().cancellationSignal,
    }),
    interceptors: {
      activity: [(context) => ({ inbound: stepInterceptor(context, record.steps, given.failpointsFile) })],
    },
    maxCachedWorkflows: 200,
    maxConcurrentActivityTaskExecutions: 40,
    // A worker that was killed keeps its sticky queue this long; a new one takes over after it.
    stickyQueueScheduleToStartTimeout: '2s',
    maxHeartbeatThrottleInterval: '400ms',
    shutdownGraceTime: '30s',
    shutdownForceTime: '60s',
  };
}

function apiAddress({ api }: Pick<Settings, 'api'>): Address {
  const { hostname, port } = new URL(api.publicUrl);
  return { host: hostname, port: Number(port || 443) };
}

function pairOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
