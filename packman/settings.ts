import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';

export type Settings = {
  listen: { host: string; port: number };
  tls: { cert: string; key: string };
  token: string;
  /** Where this program's buildpacks/, node/ and container/ are. */
  bundleFolder: string;
  /** Base images, unpacked: <folder>/<version>/rootfs. */
  imagesFolder: string;
  /** What belongs to running builds; emptied at start. */
  buildsFolder: string;
  network: { bridge: string; gateway: string; prefix: number; firstAddress: string };
  limits: Limits;
};

export type Limits = {
  builds: number;
  waitingBuilds: number;
  timeoutMs: number;
  memoryMb: number;
  pids: number;
  cpuShares: number;
  diskMb: number;
  /** What must stay free on the server's own disk. */
  reserveMb: number;
  sourceMb: number;
  slugMb: number;
  cacheMb: number;
  logMb: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws invalid_params naming the variable. Nothing else in Packman reads the environment. */
export function readSettings(env: Environment = process.env, program = process.argv[1] ?? '.'): Settings {
  return {
    listen: listenAddress(required(env, 'PACKMAN_LISTEN')),
    tls: {
      cert: readFileSync(required(env, 'PACKMAN_TLS_CERT'), 'utf8'),
      key: readFileSync(required(env, 'PACKMAN_TLS_KEY'), 'utf8'),
    },
    token: token(required(env, 'PACKMAN_TOKEN_FILE')),
    bundleFolder: env['PACKMAN_BUNDLE'] ?? dirname(resolve(program)),
    imagesFolder: env['PACKMAN_IMAGES'] ?? '/srv/dcdget/images',
    buildsFolder: env['PACKMAN_BUILDS'] ?? '/srv/dcdget/packman/builds',
    network: {
      bridge: env['PACKMAN_BRIDGE'] ?? 'dcd0',
      gateway: env['PACKMAN_GATEWAY'] ?? '10.213.0.1',
      prefix: integer(env, 'PACKMAN_NETWORK_PREFIX', 16, 8, 30),
      firstAddress: env['PACKMAN_FIRST_ADDRESS'] ?? '10.213.255.10',
    },
    limits: readLimits(env),
  };
}

function readLimits(env: Environment): Limits {
  return {
    builds: integer(env, 'PACKMAN_CONCURRENT_BUILDS', 2, 1, 64),
    waitingBuilds: integer(env, 'PACKMAN_WAITING_BUILDS', 20, 0, 1000),
    timeoutMs: integer(env, 'PACKMAN_TIMEOUT_SECONDS', 900, 1, 86_400) * 1000,
    memoryMb: integer(env, 'PACKMAN_MEMORY_MB', 2048, 64, 1_048_576),
    pids: integer(env, 'PACKMAN_PIDS', 512, 32, 65_536),
    cpuShares: integer(env, 'PACKMAN_CPU_SHARES', 256, 2, 262_144),
    diskMb: integer(env, 'PACKMAN_DISK_MB', 6144, 256, 1_048_576),
    reserveMb: integer(env, 'PACKMAN_RESERVE_MB', 1024, 0, 1_048_576),
    sourceMb: integer(env, 'PACKMAN_SOURCE_MB', 512, 1, 65_536),
    slugMb: integer(env, 'PACKMAN_SLUG_MB', 1024, 1, 65_536),
    cacheMb: integer(env, 'PACKMAN_CACHE_MB', 1024, 1, 65_536),
    // Less than the 16 MiB that the platform keeps, so that the reason at its end is kept, too.
    logMb: integer(env, 'PACKMAN_LOG_MB', 15, 1, 1024),
  };
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw refused(name, 'is not set');
  return value;
}

function integer(env: Environment, name: string, fallback: number, least: number, most: number): number {
  const value = env[name] === undefined ? fallback : Number(env[name]);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw refused(name, `must be a whole number from ${least} to ${most}`);
  }
  return value;
}

function listenAddress(value: string): { host: string; port: number } {
  const match = /^(.+):(\d{1,5})$/.exec(value);
  if (!match?.[1] || !match[2]) throw refused('PACKMAN_LISTEN', `holds ${value}, which is not host:port`);
  return { host: match[1].replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) };
}

function token(file: string): string {
  const value = readFileSync(file, 'utf8').trim();
  if (value.length < 16) throw refused('PACKMAN_TOKEN_FILE', 'names a file with a token shorter than 16 characters');
  return value;
}

function refused(field: string, sentence: string): DcdgetError {
  return new DcdgetError('invalid_params', `${field} ${sentence}`, { field });
}
