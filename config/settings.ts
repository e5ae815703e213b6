import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';

export type Address = { host: string; port: number };

export type Settings = {
  /** host:port of Temporal's frontend, and the namespace. */
  temporal: { address: string; namespace: string };
  store: { url: string; database: string };
  objects: {
    endpoint: string;
    /** What servers reach; presigned URLs name it. */
    publicEndpoint: string;
    region: string;
    bucket: string;
    accessKeyId: string;
    secretAccessKey: string;
  };
  api: {
    /** host:port pairs, HTTPS. */
    listen: Address[];
    /** Where servers and clients reach the API: https://host:port, no path. */
    publicUrl: string;
    /** The token of the first user, made by whoever starts dcdget first. */
    firstToken: string | null;
    firstUser: string;
    /** Where the API writes its CA certificate at start, for clients on the same machine. */
    caFile: string | null;
  };
  git: {
    /** Where the API restores repositories; nothing in it need be kept. */
    folder: string;
    /** How large restored repositories may be together, and one push. */
    cacheMb: number;
    pushMb: number;
  };
  streams: {
    /** The log hub's syslog over TLS; empty: there is no hub, and apps run without it. */
    listen: Address[];
    /** Where servers reach it; null without a hub. */
    publicAddress: Address | null;
    /** HTTPS: readers of logs, and what the API and the workers tell the hub. */
    httpListen: Address[];
    /** Where clients, the API and the workers reach that: https://host:port, no path. Null: they do without. */
    httpUrl: string | null;
    /** Where the hub keeps lines, and how much of them over all apps. */
    folder: string;
    diskMb: number;
    /** Where drains may send lines although it is no public place. */
    drainAllowedHosts: string[];
    /** File with the CA of such places, PEM; null: the public ones alone. */
    drainCaFile: string | null;
  };
  /** Of one-off sessions, TLS; empty and null: there are none. */
  rendezvous: { listen: Address[]; publicAddress: Address | null };
  sources: {
    /** Where sources may be fetched from although it is no public place: names, addresses, networks, with :PORT or for any. */
    allowedHosts: string[];
    /** PEM of an authority that is trusted for sources beside the public ones. */
    caFile: string | null;
  };
  /** Of the platform's own parts on private addresses, which are closed to apps, those that the operator shares with them. */
  appsMayReach: Address[];
  ssh: { privateKeyFile: string };
  /** 32 bytes: encrypts config vars and keys at rest, signs recipe tokens. */
  secretKey: Buffer;
  /** Apps answer at <app>.<appsDomain>. */
  appsDomain: string;
  /** Port that is shown in an app's URL; routers themselves listen on 80. */
  appsPort: number;
  /** How long a new release is watched before the old one goes; 0 is allowed. */
  watchSeconds: number;
  /** How long connections of an old instance may take to end. */
  drainSeconds: number;
  /** How long a process has, from its start, until it answers. */
  bootSeconds: number;
  /** How long a step is retried before its operation asks for an operator. */
  retryBudgetSeconds: number;
  /** How often servers are compared with the record (0: only when asked), and what becomes of what differs. */
  checks: { everySeconds: number; repair: boolean; orphanGraceSeconds: number };
  /** How long log files that were archived stay (0: none is archived), and how often servers are asked for new ones. */
  logArchive: { days: number; everySeconds: number };
  /** Tests only: names a file whose fault happens at the next step that it names. */
  failpointsFile: string | null;
  /** Digests of what servers fetch: written when the assets are published. */
  assetsFile: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws invalid_params naming the variable. Nothing else in dcdget reads the environment. */
export function readSettings(env: Environment = process.env): Settings {
  return {
    temporal: {
      address: env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
      namespace: env['TEMPORAL_NAMESPACE'] ?? 'default',
    },
    store: { url: required(env, 'MONGODB_URL'), database: env['MONGODB_DATABASE'] ?? 'dcdget' },
    objects: {
      endpoint: required(env, 'S3_ENDPOINT'),
      publicEndpoint: env['S3_PUBLIC_ENDPOINT'] ?? required(env, 'S3_ENDPOINT'),
      region: env['S3_REGION'] ?? 'us-east-1',
      bucket: env['S3_BUCKET'] ?? 'dcdget',
      accessKeyId: required(env, 'S3_ACCESS_KEY_ID'),
      secretAccessKey: required(env, 'S3_SECRET_ACCESS_KEY'),
    },
    api: {
      listen: addresses(env, 'API_LISTEN', '127.0.0.1:8443'),
      publicUrl: httpsUrl('PUBLIC_URL', required(env, 'PUBLIC_URL')),
      firstToken: env['DCDGET_FIRST_TOKEN'] ?? null,
      firstUser: env['DCDGET_FIRST_USER'] ?? 'admin@dcdget.localhost',
      caFile: env['DCDGET_CA_FILE'] ?? null,
    },
    git: {
      folder: env['GIT_FOLDER'] ?? join(tmpdir(), 'dcdget-git'),
      cacheMb: integer(env, 'GIT_CACHE_MB', 4096, 0, 1_048_576),
      // One upload to S3 holds 5 GB.
      pushMb: integer(env, 'GIT_PUSH_MB', 1024, 1, 4096),
    },
    streams: {
      listen: addresses(env, 'STREAMS_LISTEN'),
      publicAddress: publicAddress(env, 'STREAMS_PUBLIC', 'STREAMS_LISTEN'),
      httpListen: addresses(env, 'STREAMS_HTTP_LISTEN'),
      httpUrl: env['STREAMS_HTTP_URL'] ? httpsUrl('STREAMS_HTTP_URL', env['STREAMS_HTTP_URL']) : null,
      folder: env['STREAMS_FOLDER'] ?? '/var/lib/dcdget/streams',
      diskMb: integer(env, 'STREAMS_DISK_MB', 1024, 16, 1_048_576),
      drainAllowedHosts: listed(env['DRAIN_ALLOWED_HOSTS']),
      drainCaFile: env['DRAIN_CA_FILE'] || null,
    },
    rendezvous: {
      listen: addresses(env, 'RENDEZVOUS_LISTEN'),
      publicAddress: publicAddress(env, 'RENDEZVOUS_PUBLIC', 'RENDEZVOUS_LISTEN'),
    },
    sources: {
      allowedHosts: listed(env['SOURCE_ALLOWED_HOSTS']),
      caFile: env['SOURCE_CA_FILE'] || null,
    },
    appsMayReach: addresses(env, 'APPS_MAY_REACH'),
    ssh: { privateKeyFile: required(env, 'SSH_PRIVATE_KEY_FILE') },
    secretKey: secretKey(required(env, 'DCDGET_SECRET_KEY_FILE')),
    appsDomain: env['APPS_DOMAIN'] ?? 'dcdget.localhost',
    appsPort: integer(env, 'APPS_PORT', 80, 1, 65_535),
    watchSeconds: integer(env, 'WATCH_SECONDS', 20, 0, 3600),
    drainSeconds: integer(env, 'DRAIN_SECONDS', 30, 0, 3600),
    bootSeconds: integer(env, 'BOOT_SECONDS', 60, 1, 3600),
    retryBudgetSeconds: integer(env, 'RETRY_BUDGET_SECONDS', 1800, 1, 86_400),
    checks: {
      everySeconds: integer(env, 'CHECK_SERVERS_SECONDS', 300, 0, 86_400),
      repair: integer(env, 'CHECK_SERVERS_REPAIR', 0, 0, 1) === 1,
      orphanGraceSeconds: integer(env, 'ORPHAN_GRACE_SECONDS', 600, 0, 86_400),
    },
    logArchive: {
      days: integer(env, 'LOG_ARCHIVE_DAYS', 30, 0, 3650),
      everySeconds: integer(env, 'LOG_ARCHIVE_SECONDS', 300, 10, 86_400),
    },
    failpointsFile: env['DCDGET_FAILPOINTS_FILE'] ?? null,
    assetsFile: required(env, 'DCDGET_ASSETS_FILE'),
  };
}

/** Files that `publish` puts where servers fetch them. */
export function readAssetFiles(env: Environment = process.env) {
  return {
    image: required(env, 'ASSET_IMAGE'),
    psDock: required(env, 'ASSET_PS_DOCK'),
    node: required(env, 'ASSET_NODE'),
    packman: required(env, 'ASSET_PACKMAN'),
  };
}

function listed(value = ''): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
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

/** Pairs, separated by commas; none when neither is there. */
function addresses(env: Environment, name: string, fallback = ''): Address[] {
  const value = env[name] ?? fallback;
  return value === '' ? [] : value.split(',').map((pair) => hostAndPort(name, pair));
}

/** What others are told instead of the first address that is listened on. Null when nothing listens. */
function publicAddress(env: Environment, name: string, listen: string): Address | null {
  const [first] = addresses(env, listen);
  return first === undefined || !env[name] ? (first ?? null) : hostAndPort(name, env[name]);
}

function hostAndPort(name: string, pair: string): Address {
  const match = /^(.+):(\d{1,5})$/.exec(pair.trim());
  if (!match?.[1] || !match[2]) throw refused(name, `holds ${pair}, which is not host:port`);
  return { host: match[1], port: Number(match[2]) };
}

function httpsUrl(name: string, value: string): string {
  if (!URL.canParse(value) || new URL(value).protocol !== 'https:') throw refused(name, 'must be an https:// URL');
  return value.replace(/\/+$/, '');
}

function secretKey(file: string): Buffer {
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length !== 32) throw refused('DCDGET_SECRET_KEY_FILE', `must hold 32 bytes in base64, ${file} does not`);
  return key;
}

function refused(field: string, sentence: string): DcdgetError {
  return new DcdgetError('invalid_params', `${field} ${sentence}`, { field });
}
