import type { Api } from '../api.ts';
import { AccountShape, accountShape } from '../schemas/accounts.ts';
import { failures } from '../schemas/errors.ts';

export function accountRoutes(api: Api): void {
  const response = { 200: AccountShape, ...failures };
  api.get('/account', { schema: { operationId: 'getAccount', tags: ['account'], response } }, async (request) =>
    accountShape(request.user),
  );
  api.get('/users/~', { schema: { operationId: 'getOwnUser', tags: ['account'], response } }, async (request) =>
    accountShape(request.user),
  );
}
