import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { DcdgetError } from '../../domain/errors.ts';
import { isFinal, type Operation } from '../../domain/operations.ts';
import type { User } from '../../store/users.ts';
import { readableApp, readableOperation } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { operationEvents } from '../operation-events.ts';
import { settled } from '../operation-states.ts';
import type { Starter } from '../operations.ts';
import { outputText } from '../output-text.ts';
import { unauthorized } from '../plugins/auth.ts';
import { page } from '../plugins/ranges.ts';
import { failures } from '../schemas/errors.ts';
import {
  OperationParams,
  OperationShape,
  OperationSummary,
  operationSummary,
  OperatorReason,
  stepShapes,
} from '../schemas/operations.ts';
import { TokenQuery } from '../schemas/sources.ts';
import { streamThing } from '../signed-urls.ts';
import { sendStream } from '../streaming.ts';

const tags = ['operations'];
const CANCEL_ATTEMPTS = 10;
const CANCEL_PAUSE_MS = 200;
const RANGES = {
  created_at: (operation: Operation) => operation.createdAt.toISOString(),
  id: (operation: Operation) => operation.id,
};

export function operationRoutes(api: Api, deps: Dependencies, starter: Starter, closing: AbortSignal): void {
  const { store, temporal } = deps;

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
    async (request) => shape(await readableOperation(store, request.user, request.params.operation)),
  );

  api.post(
    '/operations/:operation/actions/cancel',
    {
      schema: {
        operationId: 'cancelOperation',
        tags,
        params: OperationParams,
        response: { 200: OperationShape, ...failures },
      },
    },
    async (request) => {
      const operation = await readableOperation(store, request.user, request.params.operation);
      assertCancellable(operation);
      await audit(operation, request.user, 'operations:cancel');
      await cancel(operation);
      return shape(await store.operations.get(operation.id));
    },
  );

  for (const action of ['retry', 'skip', 'undo'] as const) {
    api.post(
      `/operations/:operation/actions/${action}`,
      {
        schema: {
          operationId: `${action}Operation`,
          tags,
          params: OperationParams,
          body: OperatorReason,
          response: { 200: OperationShape, ...failures },
        },
      },
      async (request) => {
        const operation = await readableOperation(store, request.user, request.params.operation);
        if (operation.state !== 'needs-operator') throw asksNobody(operation);
        const { reason: why } = request.body;
        await audit(operation, request.user, `operations:${action}: ${why}`);
        const key = { appId: operation.appId, operationId: operation.id };
        await temporal.decide(key, { action, by: request.user.email, why });
        // So that whoever follows it from here on does not find it still asking.
        return shape(await settled(store, operation.id, (state) => state !== 'needs-operator'));
      },
    );
  }

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

  async function shape(operation: Operation): Promise<OperationShape> {
    return { ...operationSummary(operation), steps: stepShapes(operation, await store.steps.list(operation.id)) };
  }

  async function audit({ id, subject }: Operation, user: User, action: string): Promise<void> {
    await store.audit.append({ actor: user.email, action, subject, operationId: id });
  }

  /** Between its queue and its own workflow an operation is for a moment in neither: it is looked for again. */
  async function cancel(operation: Operation): Promise<void> {
    const { id, appId } = operation;
    for (let attempt = 1; attempt <= CANCEL_ATTEMPTS; attempt += 1) {
      const now = await store.operations.get(id);
      assertCancellable(now);
      if (now.state === 'queued' && (await starter.withdraw(now))) return;
      if (await temporal.cancel({ appId, operationId: id })) return;
      await sleep(CANCEL_PAUSE_MS);
    }
    throw new DcdgetError('unavailable', 'The operation is about to begin or to end; please try again.');
  }

  async function ownOperations(user: User, appName: string | undefined): Promise<Operation[]> {
    const app = appName === undefined ? undefined : await readableApp(store, user, appName);
    return (await store.operations.list(app?.id)).filter(({ actor }) => actor.id === user.id);
  }
}

/** Throws conflict. */
function assertCancellable({ kind, state }: Operation): void {
  if (isFinal(state)) throw new DcdgetError('conflict', `The operation has ended already: it is ${state}.`);
  if (kind === 'destroy' && state !== 'queued') {
    throw new DcdgetError('conflict', 'The app is being destroyed: there is no way back.');
  }
}

function asksNobody({ state }: Operation): DcdgetError {
  return new DcdgetError('conflict', `The operation is ${state}: it waits for no operator.`);
}
