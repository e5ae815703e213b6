import { Type } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { DcdgetError } from '../../domain/errors.ts';
import { logOfKey, logsPrefix } from '../../objects/keys.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { page } from '../plugins/ranges.ts';
import { createReadiness } from '../readiness.ts';
import { AppParams } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import {
  LogArchiveQuery,
  logArchiveRunShape,
  LogArchiveRunShape,
  logArchiveShape,
  LogArchiveShape,
  type LogArchiveEntry,
} from '../schemas/log-archives.ts';

const tags = ['logs'];
const URL_VALID_SECONDS = 3600;
const RANGES = { from: ({ from, key }: LogArchiveEntry) => `${from} ${key}` };

export function logArchiveRoutes(api: Api, deps: Dependencies): void {
  const { store, objects, temporal, logArchiveDays } = deps;
  const readiness = createReadiness(deps);

  api.get(
    '/apps/:app/log-archives',
    {
      schema: {
        operationId: 'listLogArchives',
        tags,
        params: AppParams,
        querystring: LogArchiveQuery,
        response: { 200: Type.Array(LogArchiveShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const { process, since } = request.query;
      const from = since === undefined ? '' : new Date(since).toISOString();
      const found = (await entriesOf(app)).filter((entry) => entry.to >= from && isOf(entry, process));
      return Promise.all(
        page(request, reply, found, RANGES).map(async (entry) =>
          logArchiveShape(entry, await objects.presignGet(entry.key, URL_VALID_SECONDS)),
        ),
      );
    },
  );

  api.post(
    '/apps/:app/log-archives',
    {
      schema: {
        operationId: 'createLogArchives',
        tags,
        params: AppParams,
        response: { 200: LogArchiveRunShape, ...failures },
      },
    },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      if (logArchiveDays === 0) {
        throw new DcdgetError('conflict', 'Log files are not archived here.', {
          hint: 'An operator sets LOG_ARCHIVE_DAYS to how long they are kept.',
        });
      }
      await readiness.assertWorkers(app.stack);
      return logArchiveRunShape(await temporal.archiveLogs(app.id));
    },
  );

  async function entriesOf({ id }: App): Promise<LogArchiveEntry[]> {
    const all = await objects.listAll(logsPrefix(id));
    return all.flatMap(({ key, bytes }) => {
      const log = logOfKey(key);
      return log === null ? [] : [{ ...log, key, bytes }];
    });
  }
}

function isOf({ process: own }: LogArchiveEntry, process: string | undefined): boolean {
  return process === undefined || own === process || own.startsWith(`${process}.`);
}
