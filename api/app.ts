import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fastifySwagger } from '@fastify/swagger';
import Fastify, { LogController } from 'fastify';
import type { Certificate } from '../store/authority.ts';
import type { Api } from './api.ts';
import type { Dependencies } from './dependencies.ts';
import { createDeploys } from './deploys.ts';
import { createStarter, type Starter } from './operations.ts';
import { gitRoutes } from './git/routes.ts';
import { hookRoutes } from './hooks/routes.ts';
import { installAuth } from './plugins/auth.ts';
import { installBodies } from './plugins/bodies.ts';
import { installErrors } from './plugins/errors.ts';
import { installRequestLog } from './plugins/request-log.ts';
import { accountRoutes } from './routes/accounts.ts';
import { appRoutes } from './routes/apps.ts';
import { branchRoutes } from './routes/branches.ts';
import { buildSettingRoutes } from './routes/build-settings.ts';
import { buildpackRoutes } from './routes/buildpacks.ts';
import { buildRoutes } from './routes/builds.ts';
import { checkRoutes } from './routes/checks.ts';
import { configVarRoutes } from './routes/config-vars.ts';
import { dynoRoutes } from './routes/dynos.ts';
import { fileRoutes } from './routes/files.ts';
import { formationRoutes } from './routes/formations.ts';
import { healthRoutes } from './routes/health.ts';
import { logArchiveRoutes } from './routes/log-archives.ts';
import { logDrainRoutes } from './routes/log-drains.ts';
import { logSessionRoutes } from './routes/log-sessions.ts';
import { operationRoutes } from './routes/operations.ts';
import { platformRoutes } from './routes/platform.ts';
import { pushHookRoutes } from './routes/push-hooks.ts';
import { releaseRoutes } from './routes/releases.ts';
import { serverRoutes } from './routes/servers.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { sourceRoutes } from './routes/sources.ts';
import { createTurns } from './turns.ts';

/** Heroku's CLI sends a Request-Id that grows to 7 kB. */
export const MAX_HEADER_BYTES = 32 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
/** An upload may be large and its line slow; headers have Node's own, shorter limit. */
export const REQUEST_TIMEOUT_MS = 30 * 60_000;

export type Built = { api: Api; starter: Starter };
/** Null: plain HTTP, for a caller that does not listen at all. */
export type Facade = { tls: Certificate | null; logger: boolean };

/** The plugin tree; nothing listens and nothing is asked of any dependency until a request comes. */
export function buildApp(deps: Dependencies, { tls, logger }: Facade): Built {
  const http = { maxHeaderSize: MAX_HEADER_BYTES };
  const options = {
    ...(tls === null ? { http } : { https: { ...http, cert: tls.certificate, key: tls.privateKey } }),
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle' as const,
    genReqId: requestId,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 256 },
    ajv: { customOptions: { coerceTypes: false as const, removeAdditional: false as const } },
  };
  const api: Api = Fastify(options);
  const starter = createStarter({ ...deps, log: api.log });
  const closing = new AbortController();
  api.addHook('preClose', async () => closing.abort());

  installErrors(api);
  installRequestLog(api);
  installBodies(api);
  installAuth(api, deps);
  installDocument(api);
  // After the document's plugin has loaded, so that it sees every route.
  void api.register(async (routes: Api) => installRoutes(routes, deps, starter, closing.signal));
  return { api, starter };
}

function installRoutes(api: Api, deps: Dependencies, starter: Starter, closing: AbortSignal): void {
  const turns = createTurns();
  healthRoutes(api, deps);
  fileRoutes(api, deps);
  accountRoutes(api);
  platformRoutes(api, deps);
  appRoutes(api, deps, starter, turns);
  configVarRoutes(api, deps, starter, turns);
  releaseRoutes(api, deps, starter, turns);
  sourceRoutes(api, deps);
  buildRoutes(api, deps, starter, turns);
  branchRoutes(api, deps);
  buildSettingRoutes(api, deps, turns);
  buildpackRoutes(api, deps);
  formationRoutes(api, deps, starter, turns);
  dynoRoutes(api, deps, starter, turns);
  logArchiveRoutes(api, deps);
  logDrainRoutes(api, deps);
  logSessionRoutes(api, deps);
  sessionRoutes(api, deps);
  operationRoutes(api, deps, starter, closing);
  serverRoutes(api, deps, starter, turns);
  checkRoutes(api, deps);
  hookRoutes(api, deps);
  const startDeploy = createDeploys(deps, starter, turns);
  pushHookRoutes(api, deps, startDeploy);
  gitRoutes(api, deps, startDeploy, closing);
  api.get('/openapi.json', { config: { access: 'anyone' }, schema: { hide: true } }, async () => api.swagger());
}

function installDocument(api: Api): void {
  void api.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'dcdget', version: '3', description: "Apps in the shapes of Heroku's Platform API v3." },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      },
      security: [{ token: [] }],
    },
  });
}

/** The first of the caller's own ids, when it looks like one. */
function requestId(request: IncomingMessage): string {
  const [first] = String(request.headers['request-id'] ?? '').split(',', 1);
  return first !== undefined && /^[A-Za-z0-9-]{8,64}$/.test(first) ? first : randomUUID();
}
