import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from '../cli/api.ts';
import { buildAssets, nodeBinary } from './assets.ts';
import { findBinary } from './binaries.ts';
import { ensureBridge, type Bridge } from './bridge.ts';
import {
  publishAssets,
  startApi,
  startStreams,
  startWorker,
  stopApi,
  stopStreams,
  stopWorker,
  type PlatformEnvironment,
} from './control-plane.ts';
import { ensureImages, type Images } from './images.ts';
import { ensureKeys, type Keys } from './keys.ts';
import { processState, type ProcessState } from './processes.ts';
import { step } from './progress.ts';
import { embeddedServices, serviceNames, startServices, stopServices, type ServicePorts } from './services.ts';

export type GivenEnvironment = Readonly<Record<string, string | undefined>>;

export type PlatformPlan = {
  /** Keeps the data, logs, keys and process numbers of one platform. */
  folder: string;
  cacheFolder: string;
  ports: ServicePorts & { api: number; streams: number; streamsHttp: number; rendezvous: number };
  bridge: Bridge;
  /** The port that is shown in an app's URL. */
  appsPort: number;
  /** Data that need not survive the machine: faster. */
  throwaway: boolean;
  /** Services that the environment names are used instead of embedded ones. */
  given: GivenEnvironment;
};

export type Platform = {
  folder: string;
  /** What the API and the workers are started with. */
  environment: PlatformEnvironment;
  /** What a client exports. */
  client: { DCDGET_URL: string; DCDGET_TOKEN: string; DCDGET_CA: string };
  sshPublicKeyFile: string;
  images: Images;
  /** The names of its processes. */
  processes: string[];
};

type Built = { images: Images; assets: { image: string; psDock: string; node: string; packman: string } };

/** All that takes long at the first time; later it only looks. */
export async function buildPlatform(cacheFolder: string, given: GivenEnvironment): Promise<Built> {
  const embedded = embeddedServices(given);
  const [images, assets] = await Promise.all([
    step('images of servers and apps', (say) => ensureImages(cacheFolder, say)),
    step('what servers fetch', (say) => buildAssets(cacheFolder, say)),
    step('programs of the embedded services', async (say) => {
      // One after the other: a build takes every core.
      if (embedded.store) await findBinary('ferretdb', cacheFolder, say);
      if (embedded.s3) await findBinary('versitygw', cacheFolder, say);
      if (embedded.temporal) await findBinary('temporal', cacheFolder, say);
    }),
  ]);
  return { images, assets: { ...assets, image: images.baseImage, node: nodeBinary() } };
}

/** Everything but servers and apps. */
export async function startPlatform(plan: PlatformPlan, built: Built): Promise<Platform> {
  mkdirSync(plan.folder, { recursive: true });
  chmodSync(plan.folder, 0o700);
  const keys = await ensureKeys(plan.folder);
  const services = await step('services', async (say) => {
    await ensureBridge(plan.bridge);
    return startServices({
      folder: plan.folder,
      cacheFolder: plan.cacheFolder,
      ports: plan.ports,
      s3Addresses: [plan.bridge.gateway],
      throwaway: plan.throwaway,
      environment: plan.given,
      say,
    });
  });
  const platform = describePlatform(plan, keys, services, built.images);
  await step('assets', (say) => publishAssets(platform.environment, built.assets, say));
  await step('API, workers and streams', () => startControlPlane(platform));
  return platform;
}

async function startControlPlane({ folder, environment, client }: Platform): Promise<void> {
  const api = { baseUrl: client.DCDGET_URL, caFile: client.DCDGET_CA };
  await Promise.all([
    startApi(folder, environment, api),
    startWorker(folder, environment),
    startStreams(folder, environment, api.caFile),
  ]);
}

/** Ends what startPlatform started; the data stays. */
export async function stopPlatform(folder: string): Promise<void> {
  await Promise.all([stopApi(folder), stopWorker(folder), stopStreams(folder)]);
  await stopServices(folder);
}

export function platformApi({ client }: Pick<Platform, 'client'>): Api {
  const ca = readFileSync(client.DCDGET_CA, 'utf8');
  return new Api({ url: new URL(client.DCDGET_URL), token: client.DCDGET_TOKEN, ca });
}

export function processStates({ folder, processes }: Platform): Record<string, ProcessState> {
  return Object.fromEntries(processes.map((name) => [name, processState(folder, name)]));
}

function describePlatform(plan: PlatformPlan, keys: Keys, services: Record<string, string>, images: Images): Platform {
  const { api: apiPort, streams, streamsHttp, rendezvous } = plan.ports;
  const caFile = join(plan.folder, 'ca.pem');
  const client = { DCDGET_URL: `https://127.0.0.1:${apiPort}`, DCDGET_TOKEN: keys.token, DCDGET_CA: caFile };
  const { gateway } = plan.bridge;
  const environment = {
    ...chosenSettings(plan.given),
    ...services,
    API_LISTEN: `127.0.0.1:${apiPort},${gateway}:${apiPort}`,
    PUBLIC_URL: `https://${gateway}:${apiPort}`,
    STREAMS_LISTEN: `127.0.0.1:${streams},${gateway}:${streams}`,
    STREAMS_PUBLIC: `${gateway}:${streams}`,
    STREAMS_HTTP_LISTEN: `127.0.0.1:${streamsHttp}`,
    STREAMS_HTTP_URL: `https://127.0.0.1:${streamsHttp}`,
    STREAMS_FOLDER: join(plan.folder, 'streams'),
    RENDEZVOUS_LISTEN: `127.0.0.1:${rendezvous},${gateway}:${rendezvous}`,
    RENDEZVOUS_PUBLIC: `${gateway}:${rendezvous}`,
    DCDGET_FIRST_TOKEN: keys.token,
    DCDGET_SECRET_KEY_FILE: keys.secretKeyFile,
    SSH_PRIVATE_KEY_FILE: keys.sshPrivateKeyFile,
    DCDGET_ASSETS_FILE: join(plan.folder, 'assets.json'),
    APPS_PORT: String(plan.appsPort),
    GIT_FOLDER: join(plan.folder, 'git'),
  };
  const processes = [...serviceNames(plan.given), 'api', 'worker', 'streams'];
  return { folder: plan.folder, environment, client, sshPublicKeyFile: keys.sshPublicKeyFile, images, processes };
}

/** Settings that a person may choose for an embedded platform too. */
function chosenSettings(given: GivenEnvironment): Record<string, string> {
  const names = [
    'WATCH_SECONDS',
    'DRAIN_SECONDS',
    'BOOT_SECONDS',
    'RETRY_BUDGET_SECONDS',
    'CHECK_SERVERS_SECONDS',
    'ORPHAN_GRACE_SECONDS',
    'LOG_ARCHIVE_DAYS',
    'LOG_ARCHIVE_SECONDS',
    'SOURCE_ALLOWED_HOSTS',
    'SOURCE_CA_FILE',
    'APPS_MAY_REACH',
    'DRAIN_ALLOWED_HOSTS',
    'DRAIN_CA_FILE',
    'DCDGET_FAILPOINTS_FILE',
  ];
  return {
    WATCH_SECONDS: '5',
    ...Object.fromEntries(names.flatMap((name) => (given[name] ? [[name, given[name]]] : []))),
  };
}

/** What a later command needs to find a platform that another one started. */
export function recordPlatform(platform: Platform): void {
  const { folder, ...record } = platform;
  writeFileSync(join(folder, 'platform.json'), JSON.stringify(record), { mode: 0o600 });
}

/** Null when none was ever started in the folder. */
export function readPlatform(folder: string): Platform | null {
  const file = join(folder, 'platform.json');
  if (!existsSync(file)) return null;
  return { folder, ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Platform, 'folder'>) };
}
