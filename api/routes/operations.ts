import { Type } from 'typebox';
import type { Operation } from '../../domain/operations.ts';
import type { User } from '../../store/users.ts';
import { readableApp, readableOperation } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { operationEvents } from '../operation-events.ts';
import { outputText } from '../output-text.ts';
import { unauthorized } from '../plugins/auth.ts';
import { page } from '../plugins/ranges.ts';
import { failures } from '../schemas/errors.ts';
import {
  OperationParams,
  OperationShape,
  OperationSummary,
  operationSummary,
  stepShapes,
} from '../schemas/operations.ts';
import { TokenQuery } from '../schemas/sources.ts';
import { streamThing } from '../signed-urls.ts';
import { sendStream } from '../streaming.ts';

const tags = ['operations'];
const RANGES = {
  created_at: (operation: Operation) => operation.createdAt.toISOString(),
  id: (operation: Operation) => operation.id,
};

export function operationRoutes(api: Api, { store }: Dependencies, closing: AbortSignal): void {
  api.get(
    '/operations',
    {
      schema: {
        operationId: 'listOperations',
        tags,
        querystring: Type.Object({ app: Type.Optional(Type.String({ maxLength: 64, description: 'Name or id.' })) }),
        response: { 200: Type.Array(OperationSummary), ...failures },
      },
    },
    async (request, reply) => {
      const operations = await ownOperations(request.user, request.query.app);
      return page(request, reply, operations, RANGES, 'desc').map(operationSummary);
    },
  );

  api.get(
    '/operations/:operation',
    {
      schema: {
        operationId: 'getOperation',
        tags,
        params: OperationParams,
        response: { 200: OperationShape, ...failures },
      },
    },
    async (request) => {
      const operation = await readableOperation(store, request.user, request.params.operation);
      const rows = await store.steps.list(operation.id);
      return { ...operationSummary(operation), steps: stepShapes(operation.kind, rows) };
    },
  );

  api.get(
    '/operations/:operation/stream',
    { schema: { operationId: 'followOperation', tags, params: OperationParams } },
    async (request, reply) => {
      const operation = await readableOperation(store, request.user, request.params.operation);
      const lastId = String(request.headers['last-event-id'] ?? '');
      sendStream(reply, 'text/event-stream', closing, (signal) => operationEvents(store, operation, lastId, signal));
      return reply;
    },
  );

  api.get(
    '/streams/:operation',
    {
      config: { access: 'signature' },
      schema: { operationId: 'readOutput', tags, params: OperationParams, querystring: TokenQuery },
    },
    async (request, reply) => {
      const id = request.params.operation;
      if (!store.signatures.isValid(request.query.token, streamThing(id))) throw unauthorized();
      await store.operations.get(id);
      sendStream(reply, 'text/plain; charset=utf-8', closing, (signal) => outputText(store, id, signal));
      return reply;
    },
  );

  async function ownOperations(user: User, appName: string | undefined): Promise<Operation[]> {
    const app = appName === undefined ? undefined : await readableApp(store, user, appName);
    return (await store.operations.list(app?.id)).filter(({ actor }) => actor.id === user.id);
  }
}
