import { invalid } from './errors.ts';

/**
 * What there is of an app's repository: one branch at one commit. Its objects are the bundles, applied in this order;
 * a bundle is named by the operation that brought it.
 */
export type Head = { name: string; commit: string; bundles: string[] };

/** A push under way, or the last one: the head that it makes once its operation succeeds. */
export type Push = {
  operationId: string;
  by: string;
  head: Head;
  startedAt: Date;
  /** The last sign of life of its API, until its deploy has begun; absent in pushes of before there was one. */
  aliveAt?: Date;
};

export type Branch = {
  appId: string;
  /** The one branch that deploys; null: `main` and `master` do. */
  chosen: string | null;
  /** Null before the first push. */
  head: Head | null;
  /** Only one push at a time: it holds this until its operation has ended. */
  push: Push | null;
};

export const COMMIT = /^[0-9a-f]{40}$/;

const USUAL_BRANCHES: readonly string[] = ['main', 'master'];
const BRANCH_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*$/;
const MAX_BRANCH_NAME_LENGTH = 100;

export function deployableBranches({ chosen }: Pick<Branch, 'chosen'>): readonly string[] {
  return chosen === null ? USUAL_BRANCHES : [chosen];
}

/** Narrower than git's own rule. */
export function assertBranchName(name: string, field = 'branch'): void {
  if (name.length > MAX_BRANCH_NAME_LENGTH || !BRANCH_NAME.test(name) || name.endsWith('.lock')) {
    throw invalid(field, 'must be letters, digits, hyphens and underscores, with single dots or slashes between them');
  }
}
