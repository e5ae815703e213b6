import { existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { get } from 'node:http';
import { join } from 'node:path';
import { removeBridge } from './bridge.ts';
import { requireFreePorts } from './ports.ts';
import { addServer } from './fleet.ts';
import { waitFor } from './deadlines.ts';
import { run } from './commands.ts';
import { ensureMachinePackages } from './packages.ts';
import {
  buildPlatform,
  platformApi,
  processStates,
  readPlatform,
  recordPlatform,
  startPlatform,
  stopPlatform,
  type GivenEnvironment,
  type Platform,
  type PlatformPlan,
} from './platform.ts';
import { processState, startProcess, stopProcess, type ProcessState } from './processes.ts';
import { step } from './progress.ts';
import { FIRST_RUN_DISK_GIB, LATER_RUN_DISK_GIB, requireMachine } from './requirements.ts';
import { bootServer, listServers, serverState, stopServer, type ServerPlan } from './server.ts';
import { embeddedServices } from './services.ts';

const ROOT = join(import.meta.dirname, '..');
const RUN = 'dev';
const APP = 'hello';
const APP_FOLDER = 'examples/hello-node';
const FORWARDER = 'apps-port';
const PORTS = {
  apps: 8000,
  api: 8443,
  streams: 6514,
  streamsHttp: 8444,
  rendezvous: 8445,
  temporal: 7233,
  temporalUi: 8233,
  store: 27117,
  s3: 8333,
};
const APP_URL = `http://${APP}.dcdget.localhost:${PORTS.apps}/`;
const BRIDGE = { name: 'dcdget0', gateway: '198.18.0.1', prefixLength: 24 } as const;
const SERVER = { name: 'server1', address: '198.18.0.11' };

/** The one dcdget that `bin/dev` runs on a machine. */
export type Development = { homeFolder: string; folder: string; given: GivenEnvironment };

export type DevelopmentState = 'up' | 'degraded' | 'down';

export function findDevelopment(given: GivenEnvironment): Development {
  const homeFolder = given['DCDGET_HOME'] || join(homedir(), '.dcdget');
  return { homeFolder, folder: join(homeFolder, 'dev'), given };
}

/** Throws a sentence when the machine is too small or something else has the ports. */
export async function requireRoom({ homeFolder, given }: Development): Promise<void> {
  const isFirst = !existsSync(join(homeFolder, 'cache', 'images'));
  requireMachine(homeFolder, isFirst ? FIRST_RUN_DISK_GIB : LATER_RUN_DISK_GIB);
  await requireFreePorts(neededPorts(given));
}

export async function bringUp(development: Development): Promise<Platform> {
  const { given } = development;
  const plan = planOf(development);
  await prepareMachine(plan.cacheFolder, given, false);
  const built = await buildPlatform(plan.cacheFolder, given);
  const platform = await startPlatform(plan, built);
  recordPlatform(platform);
  await bringUpServer(development, platform);
  await bringUpApp(platform);
  return platform;
}

/** Ends all of it; apps, releases, histories and the servers' data stay. */
export async function bringDown(development: Development): Promise<void> {
  await endParts(development);
  for (const server of await otherServers()) await stopServer(server);
  await removeBridge(BRIDGE.name);
}

/** Ends what bringUp starts, and nothing that was booted by hand. */
export async function endParts({ folder }: Development): Promise<void> {
  await stopProcess(folder, FORWARDER);
  const platform = readPlatform(folder);
  if (platform) await stopServer(serverPlan(folder, platform));
  await stopPlatform(folder);
  if ((await otherServers()).length === 0) await removeBridge(BRIDGE.name);
}

/** Removes everything but the cache. */
export async function removeDevelopment(development: Development): Promise<void> {
  await bringDown(development);
  rmSync(development.folder, { recursive: true, force: true });
}

async function otherServers(): Promise<ServerPlan[]> {
  return (await listServers()).filter(({ run, name }) => run === RUN && name !== SERVER.name);
}

/** Every part by name; none when it was never up. */
export async function developmentParts({ folder }: Development): Promise<Record<string, ProcessState>> {
  const platform = readPlatform(folder);
  if (!platform) return {};
  const server = await serverState(serverPlan(folder, platform));
  return { ...processStates(platform), [FORWARDER]: processState(folder, FORWARDER), [SERVER.name]: server };
}

export function stateOf(parts: Readonly<Record<string, ProcessState>>): DevelopmentState {
  const states = Object.values(parts);
  if (states.length > 0 && states.every((state) => state === 'up')) return 'up';
  return states.includes('up') || states.includes('died') ? 'degraded' : 'down';
}

type DevelopmentUrls = { app: string; api: string; temporalUi: string | null };

/** There is no Web UI of ours where another Temporal is used. */
export function developmentUrls({ folder }: Development): DevelopmentUrls {
  const hasTemporal = readPlatform(folder)?.processes.includes('temporal');
  return {
    app: APP_URL,
    api: `https://127.0.0.1:${PORTS.api}`,
    temporalUi: hasTemporal ? `http://127.0.0.1:${PORTS.temporalUi}` : null,
  };
}

/** Installs what is missing on this machine, saying what. */
export async function prepareMachine(cacheFolder: string, given: GivenEnvironment, check: boolean): Promise<void> {
  const needs = { store: embeddedServices(given).store, check };
  await step('Debian packages', (say) => ensureMachinePackages(cacheFolder, needs, say));
}

function planOf({ homeFolder, folder, given }: Development): PlatformPlan {
  return {
    folder,
    cacheFolder: join(homeFolder, 'cache'),
    ports: PORTS,
    bridge: BRIDGE,
    appsPort: PORTS.apps,
    throwaway: false,
    given,
  };
}

function neededPorts(given: GivenEnvironment): Record<string, number> {
  const { temporal, store, s3 } = embeddedServices(given);
  return {
    'the apps': PORTS.apps,
    'the API': PORTS.api,
    'the log hub': PORTS.streams,
    'readers of logs': PORTS.streamsHttp,
    'one-off sessions': PORTS.rendezvous,
    ...(temporal ? { Temporal: PORTS.temporal, "Temporal's Web UI": PORTS.temporalUi } : {}),
    ...(store ? { 'the store': PORTS.store } : {}),
    ...(s3 ? { 'the S3 server': PORTS.s3 } : {}),
  };
}

function serverPlan(folder: string, { images, sshPublicKeyFile }: Platform): ServerPlan {
  return {
    ...SERVER,
    run: RUN,
    folder: join(folder, 'servers', SERVER.name),
    bridge: BRIDGE,
    authorizedKeyFile: sshPublicKeyFile,
    images,
  };
}

async function bringUpServer({ folder }: Development, platform: Platform): Promise<void> {
  const server = await step('booting a server', () => bootServer(serverPlan(folder, platform)));
  await step('provisioning the server', (say) =>
    addServer(
      platformApi(platform),
      server,
      ['app', 'router', 'build'],
      join(folder, 'servers', `${SERVER.name}.set-up`),
      platform.environment['DCDGET_ASSETS_FILE'] ?? '',
      say,
    ),
  );
  const listen = ['127.0.0.1', '[::1]'].map((host) => `${host}:${PORTS.apps}`);
  await startProcess(folder, {
    name: FORWARDER,
    command: process.execPath,
    args: [join(ROOT, 'embedded/forwarder.ts'), ...listen, `${server.host}:80`],
  });
}

async function bringUpApp(platform: Platform): Promise<void> {
  const apps = await platformApi(platform).apps();
  const app = apps.find(({ name }) => name === APP);
  if (!app?.released_at) {
    await step(`deploying ${APP_FOLDER}`, async (say) => {
      if (!app) await platformApi(platform).createApp(APP);
      await runCli(platform, ['deploy', APP_FOLDER, '--app', APP], say);
    });
  }
  await step('the app answers', () =>
    waitFor({ awaited: `${APP_URL} to answer`, timeoutMs: 60_000, intervalMs: 100 }, answers),
  );
}

async function runCli(platform: Platform, args: string[], onLine: (line: string) => void): Promise<void> {
  const env = { ...process.env, ...platform.client };
  const command = { command: join(ROOT, 'bin/dcdget'), args, cwd: ROOT, env };
  await run({ ...command, timeoutMs: 15 * 60_000, onLine });
}

/** By address: not every resolver knows names below localhost. */
function answers(): Promise<true | null> {
  const { host } = new URL(APP_URL);
  return new Promise((resolve) => {
    const call = get({ host: '127.0.0.1', port: PORTS.apps, headers: { host }, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : null);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(null));
  });
}
