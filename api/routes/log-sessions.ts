import { randomUUID } from 'node:crypto';
import type { App } from '../../domain/apps.ts';
import { DcdgetError, invalid } from '../../domain/errors.ts';
import { logSessionUrl, type LogSession } from '../../streams/sessions.ts';
import { readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { AppParams } from '../schemas/apps.ts';
import { failures } from '../schemas/errors.ts';
import { LogSessionShape, NewLogSession } from '../schemas/log-sessions.ts';

const DEFAULT_LINES = 100;

export function logSessionRoutes(api: Api, { store, streamsUrl }: Dependencies): void {
  api.post(
    '/apps/:app/log-sessions',
    {
      schema: {
        operationId: 'createLogSession',
        tags: ['logs'],
        params: AppParams,
        body: NewLogSession,
        response: { 201: LogSessionShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const session = sessionOf(app, request.body);
      if (streamsUrl === null) throw noHub();
      const now = new Date().toISOString();
      void reply.code(201);
      return {
        id: randomUUID(),
        logplex_url: logSessionUrl(streamsUrl, session, store.signatures),
        created_at: now,
        updated_at: now,
      };
    },
  );
}

function sessionOf(app: App, { dyno, dyno_name, type, source, lines, tail }: NewLogSession): LogSession {
  return {
    app: app.name,
    since: app.createdAt.getTime() * 1000,
    process: dyno ?? dyno_name ?? type ?? null,
    source: sourceOf(source ?? null),
    lines: lines ?? DEFAULT_LINES,
    tail: tail ?? false,
  };
}

function sourceOf(source: string | null): LogSession['source'] {
  if (source === null || source === 'app' || source === 'dcdget') return source;
  if (source === 'heroku') return 'dcdget';
  throw invalid('source', 'must be one of: app, dcdget');
}

function noHub(): DcdgetError {
  return new DcdgetError('unavailable', 'This dcdget has no log hub.', {
    hint: 'An operator gives it one with STREAMS_LISTEN and STREAMS_HTTP_URL.',
  });
}
