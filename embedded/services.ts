import { findBinary } from './binaries.ts';
import { startFerretdb, stopFerretdb } from './ferretdb.ts';
import { startPostgres, stopPostgres } from './postgres.ts';
import { startS3, stopS3 } from './s3.ts';
import { startTemporal, stopTemporal } from './temporal.ts';

const BUCKET = 'dcdget';
const REGION = 'us-east-1';

export type ServicePorts = { temporal: number; temporalUi: number; store: number; s3: number };

export type ServicesPlan = {
  /** Where the services keep their data, logs and process numbers. */
  folder: string;
  cacheFolder: string;
  ports: ServicePorts;
  /** Addresses of this machine at which servers reach the S3 server; the first one goes into signed URLs. */
  s3Addresses: readonly string[];
  /** Data that need not survive the machine: faster. */
  throwaway: boolean;
  /** Where a service given by the environment is used instead of an embedded one. */
  environment: Readonly<Record<string, string | undefined>>;
  say: (line: string) => void;
};

/** The variables by which every part of dcdget finds the services. */
export type ServicesEnvironment = Record<string, string>;

/** Which of the services are embedded, that is not given by the environment. */
export function embeddedServices(environment: Readonly<Record<string, string | undefined>>) {
  return {
    temporal: !environment['TEMPORAL_ADDRESS'],
    store: !environment['MONGODB_URL'],
    s3: !environment['S3_ENDPOINT'],
  };
}

/** The names of the processes of the embedded services. */
export function serviceNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { temporal, store, s3 } = embeddedServices(environment);
  return [...(temporal ? ['temporal'] : []), ...(store ? ['postgres', 'ferretdb'] : []), ...(s3 ? ['s3'] : [])];
}

export async function startServices(plan: ServicesPlan): Promise<ServicesEnvironment> {
  const parts = await Promise.all([temporalPart(plan), storePart(plan), s3Part(plan)]);
  return Object.assign({}, ...parts) as ServicesEnvironment;
}

/** In the reverse order of what they need. */
export async function stopServices(folder: string): Promise<void> {
  await Promise.all([stopTemporal(folder), stopS3(folder), stopFerretdb(folder).then(() => stopPostgres(folder))]);
}

async function temporalPart(plan: ServicesPlan): Promise<ServicesEnvironment> {
  const given = plan.environment['TEMPORAL_ADDRESS'];
  const namespace = plan.environment['TEMPORAL_NAMESPACE'] ?? 'default';
  if (given) return { TEMPORAL_ADDRESS: given, TEMPORAL_NAMESPACE: namespace };
  const binary = await findBinary('temporal', plan.cacheFolder, plan.say);
  const address = await startTemporal(plan.folder, {
    binary,
    port: plan.ports.temporal,
    uiPort: plan.ports.temporalUi,
  });
  return { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' };
}

async function storePart(plan: ServicesPlan): Promise<ServicesEnvironment> {
  const database = plan.environment['MONGODB_DATABASE'] ?? 'dcdget';
  const given = plan.environment['MONGODB_URL'];
  if (given) return { MONGODB_URL: given, MONGODB_DATABASE: database };
  const binary = await findBinary('ferretdb', plan.cacheFolder, plan.say);
  const postgresUrl = await startPostgres(plan.folder, { throwaway: plan.throwaway });
  const url = await startFerretdb(plan.folder, { binary, port: plan.ports.store, postgresUrl });
  return { MONGODB_URL: url, MONGODB_DATABASE: database };
}

async function s3Part(plan: ServicesPlan): Promise<ServicesEnvironment> {
  if (plan.environment['S3_ENDPOINT']) return givenS3(plan.environment);
  const binary = await findBinary('versitygw', plan.cacheFolder, plan.say);
  const { s3: port } = plan.ports;
  const addresses = plan.s3Addresses;
  const keys = await startS3(plan.folder, { binary, port, addresses, bucket: BUCKET, region: REGION });
  return {
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    S3_PUBLIC_ENDPOINT: `http://${addresses[0] ?? '127.0.0.1'}:${port}`,
    S3_REGION: REGION,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY_ID: keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

function givenS3(environment: ServicesPlan['environment']): ServicesEnvironment {
  const names = [
    'S3_ENDPOINT',
    'S3_PUBLIC_ENDPOINT',
    'S3_REGION',
    'S3_BUCKET',
    'S3_ACCESS_KEY_ID',
    'S3_SECRET_ACCESS_KEY',
  ];
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
