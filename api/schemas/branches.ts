import { Type, type Static } from 'typebox';
import { deployableBranches, type Branch } from '../../domain/branches.ts';
import { Nullable } from './primitives.ts';

export const BranchShape = Type.Object(
  {
    chosen: Nullable(Type.String({ description: 'The one branch that deploys; null: main and master do.' })),
    deploys: Type.Array(Type.String(), { description: 'Names of the branches that deploy when they are pushed.' }),
    name: Nullable(Type.String({ description: 'Branch that was deployed last by a push; null before the first.' })),
    commit: Nullable(Type.String({ description: 'Commit at which it is.' })),
  },
  { description: "The branch of an app's git repository" },
);
export type BranchShape = Static<typeof BranchShape>;

export const BranchChange = Type.Object({
  chosen: Nullable(Type.String({ maxLength: 100, description: 'Null: main and master deploy again.' })),
});

export function branchShape(branch: Branch): BranchShape {
  return {
    chosen: branch.chosen,
    deploys: [...deployableBranches(branch)],
    name: branch.head?.name ?? null,
    commit: branch.head?.commit ?? null,
  };
}
