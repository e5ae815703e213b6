import { Type } from 'typebox';
import { DcdgetError } from '../../domain/errors.ts';
import { assertOperator } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { createReadiness } from '../readiness.ts';
import { NewCheck, ServerCheckShape, serverCheckShape } from '../schemas/checks.ts';
import { failures } from '../schemas/errors.ts';

const tags = ['servers'];
const response = { 200: Type.Array(ServerCheckShape), ...failures };

export function checkRoutes(api: Api, deps: Dependencies): void {
  const { store, temporal } = deps;
  const readiness = createReadiness(deps);

  api.get('/server-checks', { schema: { operationId: 'listServerChecks', tags, response } }, async (request) => {
    assertOperator(request.user);
    return (await store.checks.list()).map(serverCheckShape);
  });

  api.post(
    '/server-checks',
    { schema: { operationId: 'checkServers', tags, body: NewCheck, response } },
    async (request) => {
      assertOperator(request.user);
      const { server: name, repair = false } = request.body;
      const server = name === undefined ? null : await store.servers.get(name);
      if (server !== null && server.state !== 'ready')
        throw new DcdgetError(
          'conflict',
          `Server ${server.name} is ${server.state}: only one that is ready is checked.`,
        );
      await readiness.assertWorkers('batman');
      const action = repair ? 'servers:check --repair' : 'servers:check';
      const { email: actor } = request.user;
      await store.audit.append({ actor, action, subject: server?.name ?? 'all servers', operationId: null });
      await temporal.checkServers({ server: server?.id ?? null, repair, actor });
      const found = await store.checks.list();
      return found.filter(({ serverId }) => server === null || serverId === server.id).map(serverCheckShape);
    },
  );
}
