import { homedir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../embedded/binaries.ts';
import { startApi, stopApi, stopWorker } from '../../embedded/control-plane.ts';
import { startFerretdb, stopFerretdb } from '../../embedded/ferretdb.ts';
import { startPostgres, stopPostgres } from '../../embedded/postgres.ts';
import { startS3, stopS3 } from '../../embedded/s3.ts';
import { startTemporal, stopTemporal } from '../../embedded/temporal.ts';
import type { Rig } from './rig.ts';

export type Service = 'temporal' | 'store' | 's3';
const CACHE = join(process.env['DCDGET_HOME'] || join(homedir(), '.dcdget'), 'cache');

/** Its data stays. */
export async function stopService({ folder }: Rig, service: Service): Promise<void> {
  switch (service) {
    case 'temporal':
      return stopTemporal(folder);
    case 's3':
      return stopS3(folder);
    case 'store':
      await stopFerretdb(folder);
      return stopPostgres(folder);
  }
}

/** As it ran before. */
export async function startService({ folder, environment, urls }: Rig, service: Service): Promise<void> {
  const binary = (name: 'temporal' | 'ferretdb' | 'versitygw') => findBinary(name, CACHE, () => undefined);
  switch (service) {
    case 'temporal': {
      const port = portOf(`tcp://${environment['TEMPORAL_ADDRESS']}`);
      await startTemporal(folder, { binary: await binary('temporal'), port, uiPort: portOf(urls.temporalUi) });
      return;
    }
    case 's3': {
      const url = new URL(environment['S3_PUBLIC_ENDPOINT'] ?? '');
      await startS3(folder, {
        binary: await binary('versitygw'),
        port: Number(url.port),
        addresses: [url.hostname],
        bucket: environment['S3_BUCKET'] ?? '',
        region: environment['S3_REGION'] ?? '',
      });
      return;
    }
    case 'store': {
      const postgresUrl = await startPostgres(folder, { throwaway: true });
      const port = portOf(environment['MONGODB_URL'] ?? '');
      await startFerretdb(folder, { binary: await binary('ferretdb'), port, postgresUrl });
    }
  }
}

/** API and worker: all that could do something to a server. */
export async function stopControlPlane({ folder }: Rig): Promise<void> {
  await Promise.all([stopApi(folder), stopWorker(folder)]);
}

export async function startControlPlane(rig: Rig): Promise<void> {
  const { DCDGET_URL, DCDGET_CA } = rig.client;
  await Promise.all([
    startApi(rig.folder, rig.environment, { baseUrl: DCDGET_URL, caFile: DCDGET_CA }),
    rig.restartWorker(),
  ]);
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
