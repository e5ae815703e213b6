import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { Api } from '../../cli/api.ts';
import { DcdgetError } from '../../domain/errors.ts';
import { startWorker, stopWorker } from '../../embedded/control-plane.ts';
import { addServer } from '../../embedded/fleet.ts';
import { buildPlatform, platformApi, startPlatform, stopPlatform, type Platform } from '../../embedded/platform.ts';
import { freePorts } from '../../embedded/ports.ts';
import { killProcess, processId, processState, recordProcess } from '../../embedded/processes.ts';
import { step } from '../../embedded/progress.ts';
import { removeBridge } from '../../embedded/bridge.ts';
import { bootServer, removeRun, type BootedServer } from '../../embedded/server.ts';
import { freeBridge } from './network.ts';

const OWNER = 'owner';

export type RigPlan = {
  /** Begins the run's name. */
  name: string;
  /** How many servers; the first one routes and builds too. */
  servers?: number;
  /** Settings of this dcdget that differ from a test's. */
  settings?: Record<string, string>;
  /** Its servers have control groups of version 2 alone. */
  hasOnlyCgroup2?: boolean;
};

/** A whole dcdget of its own: ports, network, data and servers that nothing else uses. */
export type Rig = {
  run: string;
  folder: string;
  /** What the API and the workers run with. */
  environment: Record<string, string>;
  /** What a client exports. */
  client: Platform['client'];
  api: Api;
  urls: { api: string; temporalUi: string };
  servers: BootedServer[];
  /** Where the apps answer, by Host header. */
  router: { host: string; port: number };
  restartWorker: () => Promise<void>;
  /** As a crash would end it. */
  killWorker: () => Promise<void>;
  /** All that the platform's own processes logged. */
  logs: () => Promise<string>;
  /** The keys of what is in S3, sorted. */
  objects: (prefix: string) => Promise<string[]>;
  /** Leaves nothing. */
  stop: () => Promise<void>;
};

type RigRecord = { run: string; platform: Platform; servers: BootedServer[]; uiPort: number };

/** The rig that the run shares, named by DCDGET_RIG; without one, a rig of this file's own. */
export async function useRig(name: string): Promise<Rig> {
  const folder = process.env['DCDGET_RIG'];
  if (!folder) return startRig({ name });
  const rig = rigOf(JSON.parse(readFileSync(recordFile(folder), 'utf8')) as RigRecord);
  // Whoever started it stops it.
  return { ...rig, stop: async () => undefined };
}

export async function startRig(plan: RigPlan): Promise<Rig> {
  const run = `${plan.name}-${randomBytes(3).toString('hex')}`;
  const folder = join(rigsFolder(), run);
  recordProcess(folder, OWNER, process.pid);
  try {
    return rigOf(await start(plan, run, folder));
  } catch (error) {
    await removeRig(run);
    throw error;
  }
}

/** Removes what runs that were killed left behind. */
export async function sweepRigs(): Promise<void> {
  const runs = globSync('*', { cwd: rigsFolder() });
  const dead = runs.filter((run) => processState(join(rigsFolder(), run), OWNER) !== 'up');
  for (const run of dead) await removeRig(run);
}

/** Removes the rigs that this process started and did not stop. */
export async function removeOwnRigs(): Promise<void> {
  for (const run of globSync('*', { cwd: rigsFolder() })) {
    if (processId(join(rigsFolder(), run), OWNER) === process.pid) await removeRig(run);
  }
}

const removals = new Map<string, Promise<void>>();

/** One removal of a rig after the other, when it is asked for twice. */
function removeRig(run: string): Promise<void> {
  const removal = (removals.get(run) ?? Promise.resolve()).then(() => removeWhole(run));
  removals.set(run, removal);
  return removal;
}

async function removeWhole(run: string): Promise<void> {
  const folder = join(rigsFolder(), basename(run));
  await stopPlatform(folder);
  // What a test started beside the platform.
  const others = globSync('run/*.json', { cwd: folder }).map((file) => basename(file, '.json'));
  for (const name of others.filter((other) => other !== OWNER)) await killProcess(folder, name);
  await removeRun(run);
  if (existsSync(bridgeFile(folder))) await removeBridge(readFileSync(bridgeFile(folder), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
}

async function start(plan: RigPlan, run: string, folder: string): Promise<RigRecord> {
  const cacheFolder = join(homeFolder(), 'cache');
  const built = await buildPlatform(cacheFolder, {});
  const ports = await rigPorts();
  const bridge = await freeBridge();
  // Before there is anything to remove.
  writeFileSync(bridgeFile(folder), bridge.name);
  const usual = {
    WATCH_SECONDS: '1',
    DRAIN_SECONDS: '5',
    BOOT_SECONDS: '10',
    CHECK_SERVERS_SECONDS: '0',
    ORPHAN_GRACE_SECONDS: '1',
    LOG_ARCHIVE_SECONDS: '86400',
    // For somebody else's host with code on it, which a story may start there.
    SOURCE_ALLOWED_HOSTS: `${bridge.gateway}:${ports.code}`,
    SOURCE_CA_FILE: join(folder, 'code-ca.pem'),
    // Where the store would be if it were on the network, and shared with apps.
    APPS_MAY_REACH: `${bridge.gateway}:${ports.store}`,
    // And for a collector of logs, whose certificate is read when the streams start.
    DRAIN_ALLOWED_HOSTS: bridge.gateway,
  };
  const given = { ...usual, DCDGET_FAILPOINTS_FILE: join(folder, 'failpoint.json'), ...plan.settings };
  const platform = await startPlatform(
    { folder, cacheFolder, ports, bridge, appsPort: 80, throwaway: true, given },
    built,
  );
  const record: RigRecord = { run, platform, servers: [], uiPort: ports.temporalUi };
  writeRecord(record);
  for (let number = 1; number <= (plan.servers ?? 1); number += 1) {
    record.servers.push(await startServer(record, bridge, number, plan.hasOnlyCgroup2 === true));
    writeRecord(record);
  }
  return record;
}

const PORT_NAMES = [
  'api',
  'streams',
  'streamsHttp',
  'rendezvous',
  'temporal',
  'temporalUi',
  'store',
  's3',
  'code',
] as const;

async function rigPorts(): Promise<Record<(typeof PORT_NAMES)[number], number>> {
  const free = await freePorts(PORT_NAMES.length);
  return Object.fromEntries(PORT_NAMES.map((name, index) => [name, free[index]])) as Awaited<
    ReturnType<typeof rigPorts>
  >;
}

async function startServer(
  { run, platform }: RigRecord,
  bridge: RigBridge,
  number: number,
  hasOnlyCgroup2: boolean,
): Promise<BootedServer> {
  const name = `server${number}`;
  const server = await step(`booting ${name}`, () =>
    bootServer({
      name,
      run,
      folder: join(platform.folder, 'servers', name),
      bridge,
      address: bridge.gateway.replace(/\.1$/, `.${10 + number}`),
      authorizedKeyFile: platform.sshPublicKeyFile,
      images: platform.images,
      hasOnlyCgroup2,
    }),
  );
  const roles = number === 1 ? (['app', 'router', 'build'] as const) : (['app'] as const);
  await step(`provisioning ${name}`, (say) => {
    const stampFile = join(platform.folder, 'servers', `${name}.set-up`);
    return addServer(
      platformApi(platform),
      server,
      [...roles],
      stampFile,
      platform.environment['DCDGET_ASSETS_FILE'] ?? '',
      say,
    );
  });
  return server;
}

type RigBridge = Awaited<ReturnType<typeof freeBridge>>;

function rigOf({ run, platform, servers, uiPort }: RigRecord): Rig {
  const { folder, environment, client } = platform;
  const [router] = servers;
  if (!router) throw new DcdgetError('internal', 'a rig needs a server');
  return {
    run,
    folder,
    environment,
    client,
    api: platformApi(platform),
    urls: { api: client.DCDGET_URL, temporalUi: `http://127.0.0.1:${uiPort}` },
    servers,
    router: { host: router.host, port: 80 },
    restartWorker: async () => {
      await stopWorker(folder);
      await startWorker(folder, environment);
    },
    killWorker: () => killProcess(folder, 'worker'),
    logs: () => readLogs(folder),
    objects: (prefix) => listObjects(environment, prefix),
    stop: () => removeRig(run),
  };
}

async function readLogs(folder: string): Promise<string> {
  const files = globSync('logs/*', { cwd: folder });
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('');
}

async function listObjects(environment: Rig['environment'], prefix: string): Promise<string[]> {
  const client = new S3Client({
    endpoint: environment['S3_ENDPOINT'] ?? '',
    region: environment['S3_REGION'] ?? '',
    forcePathStyle: true,
    credentials: {
      accessKeyId: environment['S3_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['S3_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  const keys: string[] = [];
  const listing = { Bucket: environment['S3_BUCKET'] ?? '', Prefix: prefix };
  for await (const page of paginateListObjectsV2({ client }, listing)) {
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
  }
  client.destroy();
  return keys.toSorted();
}

function writeRecord(record: RigRecord): void {
  writeFileSync(recordFile(record.platform.folder), JSON.stringify(record), { mode: 0o600 });
}

function recordFile(folder: string): string {
  return join(folder, 'rig.json');
}

function bridgeFile(folder: string): string {
  return join(folder, 'bridge');
}

function rigsFolder(): string {
  return join(homeFolder(), 'test');
}

function homeFolder(): string {
  return process.env['DCDGET_HOME'] || join(homedir(), '.dcdget');
}
