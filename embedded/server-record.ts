import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invalid } from '../domain/errors.ts';
import type { Bridge } from './bridge.ts';
import type { Images } from './images.ts';
import { deviceName } from './network-device.ts';

/** Says which servers have something on this machine; goes when the machine reboots, as they do. */
const REGISTRY = '/run/dcdget/servers';

// No part begins with a digit: LXC tells a leftover from a new container by such an ending.
const NAME = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/;
const RUN = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 40;

export type ServerPlan = {
  name: string;
  /** Whose server it is: `dev`, or one run of the tests. */
  run: string;
  /** Keeps the server's changes and data; on a real disk, below folders that everybody may pass. */
  folder: string;
  bridge: Bridge;
  address: string;
  authorizedKeyFile: string;
  images: Images;
  /** Size of the disk at /srv/dcdget, 20 GiB when not given; taken at the first boot. */
  diskMb?: number;
  /** It has control groups of version 2 alone, with the controllers that this machine does not use by version 1. */
  hasOnlyCgroup2?: boolean;
};

export type ServerKey = Pick<ServerPlan, 'name' | 'run' | 'folder'>;

export function containerName({ run, name }: Pick<ServerKey, 'run' | 'name'>): string {
  return `dcdget-${run}.${name}`;
}

/** The end of the server's cable that is on this machine. */
export function deviceOf(server: ServerKey): string {
  return deviceName('dcdv', containerName(server));
}

export function lockFile(server: ServerKey): string {
  return join(REGISTRY, `${containerName(server)}.lock`);
}

export function assertNames({ name, run }: Pick<ServerKey, 'run' | 'name'>): void {
  if (!NAME.test(name) || name.length > MAX_NAME_LENGTH) {
    throw invalid('the server name', 'is of small letters, digits and -, each part beginning with a letter');
  }
  if (!RUN.test(run) || run.length > MAX_NAME_LENGTH) throw invalid('the run', 'is of small letters, digits and -');
}

/** To be called before anything of the server is made, so that nothing is ever forgotten. */
export function recordServer(plan: ServerPlan): void {
  mkdirSync(REGISTRY, { recursive: true });
  mkdirSync(plan.folder, { recursive: true });
  const record = JSON.stringify(plan, null, 2);
  writeFileSync(join(plan.folder, 'server.json'), record);
  writeFileSync(registryFile(plan), record);
}

/** The plan with the root that the server was made with: its changes belong to that one and no other. */
export function settledPlan(plan: ServerPlan): ServerPlan {
  const file = join(plan.folder, 'server.json');
  if (!existsSync(file)) return plan;
  const { images } = readPlan(file);
  return existsSync(images.serverRoot) ? { ...plan, images } : plan;
}

/** To be called when nothing of the server is left but its folder. */
export function forgetServer(server: ServerKey): void {
  rmSync(registryFile(server), { force: true });
}

/** The servers that have, or may have, something running or mounted here. */
export function recordedServers(): ServerPlan[] {
  return globSync('*.json', { cwd: REGISTRY }).map((file) => readPlan(join(REGISTRY, file)));
}

/** The servers whose folders are below this one, whether they run or not. */
export function serversIn(folder: string): ServerPlan[] {
  return globSync('*/server.json', { cwd: folder }).map((file) => readPlan(join(folder, file)));
}

function registryFile(server: ServerKey): string {
  return join(REGISTRY, `${containerName(server)}.json`);
}

function readPlan(file: string): ServerPlan {
  return JSON.parse(readFileSync(file, 'utf8')) as ServerPlan;
}
