import { assertBranchName } from '../../domain/branches.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { AppParams } from '../schemas/apps.ts';
import { BranchChange, BranchShape, branchShape } from '../schemas/branches.ts';
import { failures } from '../schemas/errors.ts';

const tags = ['branches'];

export function branchRoutes(api: Api, { store }: Dependencies): void {
  api.get(
    '/apps/:app/branch',
    { schema: { operationId: 'getBranch', tags, params: AppParams, response: { 200: BranchShape, ...failures } } },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      return branchShape(await store.branches.get(app.id));
    },
  );

  api.patch(
    '/apps/:app/branch',
    {
      schema: {
        operationId: 'chooseBranch',
        tags,
        params: AppParams,
        body: BranchChange,
        response: { 200: BranchShape, ...failures },
      },
    },
    async (request) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const { chosen } = request.body;
      if (chosen !== null) assertBranchName(chosen, 'chosen');
      const action = `git:branch: ${chosen ?? 'the usual ones'}`;
      await store.audit.append({ actor: request.user.email, action, subject: app.name, operationId: null });
      await store.branches.choose(app.id, chosen);
      return branchShape(await store.branches.get(app.id));
    },
  );
}
