import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../domain/apps.ts';
import { COMMIT, deployableBranches, type Branch, type Head } from '../../domain/branches.ts';
import { DcdgetError } from '../../domain/errors.ts';
import { isFinal, type Operation } from '../../domain/operations.ts';
import { bundleKey, uploadKey } from '../../objects/keys.ts';
import type { User } from '../../store/users.ts';
import { changeableApp } from '../access.ts';
import type { Dependencies, Log } from '../dependencies.ts';
import type { StartDeploy } from '../deploys.ts';
import { limited } from '../../sources/limited.ts';
import { newOperationId } from '../operations.ts';
import type { createReadiness } from '../readiness.ts';
import { webUrl } from '../schemas/apps.ts';
import type { Pushed, Say, Update } from './hook.ts';
import { pushLog } from './push-log.ts';
import type { Repository } from './repositories.ts';
import { archiveOf, assertCommit, readTree, remarksOn, type Snapshot } from '../../sources/tree.ts';
import { bundleOf } from './bundle.ts';

const SIGN_OF_LIFE_MS = 10_000;
/** A push without a sign of life for so long, and without a deploy, has died with its API. */
const DEAD_AFTER_MS = 60_000;
const FOLLOW_MS = 60 * 60_000;
const NO_COMMIT = /^0+$/;
const HEADS = 'refs/heads/';

/** One push that has arrived: its objects are kept apart in the repository until it is decided. */
export type Arrived = {
  app: App;
  user: User;
  repository: Repository;
  pushed: Pushed;
  say: Say;
  /** The pusher has left, or the API ends. */
  signal: AbortSignal;
  /** Called once the deploy runs by itself. */
  onDeploying: () => void;
  log: Log;
};

export function createPushes(
  { store, objects, addresses }: Dependencies,
  startDeploy: StartDeploy,
  readiness: ReturnType<typeof createReadiness>,
) {
  /** Deploys the push and tells of it until it is over. Returns git's exit code: 0 only when the new release serves. */
  return async (arrived: Arrived): Promise<number> => {
    const { say, signal, log } = arrived;
    try {
      return await deploy(arrived);
    } catch (error) {
      if (signal.aborted) complain(say, 'The API ends now: nothing was deployed.', 'Push again in a moment.');
      else if (error instanceof DcdgetError && error.code !== 'internal') complain(say, error.message, error.hint);
      else {
        log.error({ err: error, app: arrived.app.name }, 'A push broke off');
        complain(say, 'Something went wrong inside dcdget; the log of the API tells more.');
      }
      return 1;
    }
  };

  async function deploy(arrived: Arrived): Promise<number> {
    const { app, user, pushed, say, signal } = arrived;
    await changeableApp(store, user, app.id);
    const { lost } = arrived.repository;
    const branch = without(lost, await store.branches.get(app.id));
    const wanted = wantedHead(branch, pushed.updates);
    await readiness.assertCanDeploy(app.stack);
    const operationId = newOperationId();
    const { commit } = wanted;
    const snapshot: Snapshot = { repository: arrived.repository, quarantine: pushed.quarantine, signal };
    await assertCommit(snapshot, commit);
    const tree = await readTree(snapshot, commit);
    const now = new Date();
    const push = { operationId, by: user.email, head: wanted, startedAt: now, aliveAt: now };
    const held = await hold(app, branch, push, lost);
    if (lost !== null) warn(say, 'What was pushed before is lost: the branch begins anew with this push.');
    const sourceId = randomUUID();
    const alive = setInterval(() => void giveSignOfLife(app, operationId, arrived.log), SIGN_OF_LIFE_MS);
    try {
      for (const remark of await remarksOn(snapshot, tree)) warn(say, remark);
      const archive = await archiveOf(snapshot, commit, tree);
      await limited(archive, (stream) => objects.writeStream(uploadKey(sourceId), stream));
      const isForced = await keepObjects(snapshot, held, wanted, operationId);
      if (isForced) warn(say, `The history of ${wanted.name} is rewritten.`);
      signal.throwIfAborted();
      if (!(await store.branches.keepPush(app.id, operationId))) throw hasMoved(wanted.name);
      const build = await startDeploy(app.id, user, { id: sourceId, version: commit }, operationId);
      say(`-----> Deploying ${commit.slice(0, 8)} to ${app.name} as v${build.version}`);
      say(`       Ctrl-C leaves this deploy running: dcdget operations:watch ${operationId}`);
      arrived.onDeploying();
    } catch (error) {
      if ((await store.operations.find(operationId)) === null) await giveUp(app, sourceId, operationId);
      throw error;
    } finally {
      clearInterval(alive);
    }
    return follow(arrived, branch.head, operationId);
  }

  /** Takes the place of the push before, when that is over. Throws conflict. */
  async function hold(app: App, branch: Branch, push: NonNullable<Branch['push']>, lost: Head | null): Promise<Branch> {
    const { push: before } = branch;
    if (before !== null && (await isUnderWay(before))) throw isBusy(app, before);
    if (!(await store.branches.claim(app.id, before, push))) throw isBusy(app, (await store.branches.get(app.id)).push);
    // Between the look and the claim the push before may have moved the branch.
    const claimed = await store.branches.get(app.id);
    if (before !== null) await removeUnused(claimed, before.operationId);
    const held = without(lost, claimed);
    if (held.head?.commit === branch.head?.commit) return held;
    await store.branches.release(app.id, push.operationId);
    throw hasMoved(branch.head?.name ?? push.head.name);
  }

  /** The bundle of a push that came to nothing, when nobody else has removed it. */
  async function removeUnused({ appId, head }: Branch, operationId: string): Promise<void> {
    if (head?.bundles.includes(operationId)) return;
    // What is left is in nobody's way.
    await objects.removeAll(bundleKey(appId, operationId)).catch(() => undefined);
  }

  async function giveSignOfLife(app: App, operationId: string, log: Log): Promise<void> {
    try {
      await store.branches.keepPush(app.id, operationId);
    } catch (error) {
      log.warn({ err: error, app: app.name }, 'A push could not give a sign of life');
    }
  }

  /** Leaves nothing of a push whose deploy was not begun. */
  async function giveUp(app: App, sourceId: string, operationId: string): Promise<void> {
    await store.branches.release(app.id, operationId);
    await objects.removeAll(uploadKey(sourceId));
    await objects.removeAll(bundleKey(app.id, operationId));
  }

  async function isUnderWay({ operationId, startedAt, aliveAt }: NonNullable<Branch['push']>): Promise<boolean> {
    const operation = await store.operations.find(operationId);
    if (operation !== null) return !isFinal(operation.state);
    return Date.now() - (aliveAt ?? startedAt).getTime() < DEAD_AFTER_MS;
  }

  /** Returns whether commits of the branch are given up. */
  async function keepObjects(
    snapshot: Snapshot,
    { appId, head }: Branch,
    { commit, name }: Head,
    operationId: string,
  ): Promise<boolean> {
    const file = join(snapshot.repository.path, 'pushed.bundle');
    const { bundles, isForced, isWritten } = await bundleOf(snapshot, head, { operationId, commit, file });
    if (isWritten) await objects.writeFile(bundleKey(appId, operationId), file);
    await rm(file, { force: true });
    const isKept = await store.branches.setPushedHead(appId, operationId, { name, commit, bundles });
    if (!isKept) throw hasMoved(name);
    return isForced;
  }

  async function follow({ app, say, signal }: Arrived, before: Head | null, operationId: string): Promise<number> {
    const deadline = AbortSignal.timeout(FOLLOW_MS);
    try {
      const lines = pushLog(store, operationId, AbortSignal.any([signal, deadline]));
      for (;;) {
        const next = await lines.next();
        if (next.done) return tellEnd(app, before, next.value, say);
        say(next.value);
      }
    } catch (error) {
      if (!signal.aborted && !deadline.aborted) throw error;
      const why = deadline.aborted ? 'It takes longer than an hour' : 'The API ends now';
      complain(say, `${why}; the deploy goes on.`, `Follow it with: dcdget operations:watch ${operationId}`);
      return 1;
    }
  }

  async function tellEnd(app: App, before: Head | null, operation: Operation, say: Say): Promise<number> {
    const { state, version, failure, id } = operation;
    if (state === 'succeeded') {
      say(`-----> ${app.name} v${version ?? ''} is live: ${webUrl(app.name, addresses)}`);
      return 0;
    }
    const place = failure === null ? '' : ` at ${failure.step}`;
    const why = failure === null ? '.' : `: ${failure.message}`;
    complain(say, `The deploy of ${app.name} v${version ?? ''} ${WORDS[state] ?? state}${place}${why}`);
    // What the compiler said is above already.
    if (failure?.output && failure.step !== 'compileSlug') say(failure.output.trimEnd().replaceAll(/^/gm, '     │ '));
    if (failure?.hint) complain(say, failure.hint);
    if (state === 'needs-operator')
      complain(say, `Then: dcdget operations:retry, operations:skip or operations:undo ${id}`);
    const serving = (await store.apps.find(app.id))?.currentVersion ?? null;
    if (serving !== null && isFinal(state)) complain(say, `v${serving} serves as before.`);
    complain(
      say,
      before === null ? 'The branch was not made.' : `${before.name} stays at ${before.commit.slice(0, 8)}.`,
    );
    return 1;
  }
}

const WORDS: Partial<Record<Operation['state'], string>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  superseded: 'was superseded by a newer one',
  'needs-operator': 'stopped and needs an operator',
};

/** The branch as it is for a push that begins it anew, because what it held is lost. */
function without(lost: Head | null, branch: Branch): Branch {
  return lost !== null && branch.head?.commit === lost.commit ? { ...branch, head: null } : branch;
}

/** What the push makes of the branch. Throws invalid_params and conflict with what the pusher can do. */
function wantedHead(branch: Branch, updates: readonly Update[]): Head {
  const names = deployableBranches(branch);
  const [update, ...others] = updates;
  const name = update?.ref.startsWith(HEADS) ? update.ref.slice(HEADS.length) : '';
  const foreign = updates.filter(({ ref }) => !names.some((one) => ref === HEADS + one));
  if (foreign.length > 0) throw onlyDeploys(names, foreign);
  if (update === undefined || others.length > 0) {
    throw new DcdgetError('invalid_params', `Push one branch at a time: ${names.join(' or ')}.`);
  }
  if (NO_COMMIT.test(update.to)) {
    throw new DcdgetError('invalid_params', `${name} cannot be deleted: it holds what was deployed.`);
  }
  if (!COMMIT.test(update.to)) throw new DcdgetError('invalid_params', 'Only commits named by SHA-1 can be deployed.');
  const current = branch.head?.name ?? name;
  if (current.startsWith(`${name}/`) || name.startsWith(`${current}/`)) {
    throw new DcdgetError('conflict', `git cannot hold ${name} beside ${current}, which is the branch so far.`, {
      hint: 'Choose a branch whose name does not begin with the other one and a slash.',
    });
  }
  const at = branch.head?.name === name ? branch.head.commit : null;
  if (update.from !== at && !(at === null && NO_COMMIT.test(update.from))) throw hasMoved(name);
  return { name, commit: update.to, bundles: [] };
}

function onlyDeploys(names: readonly string[], foreign: readonly Update[]): DcdgetError {
  const refs = foreign.map(({ ref }) => ref.replace(HEADS, ''));
  return new DcdgetError(
    'invalid_params',
    `Only ${names.join(' or ')} deploys: ${refs.join(', ')} was not taken, and nothing was deployed.`,
    { hint: `To deploy another branch: git push <remote> <branch>:${names[0] ?? ''}` },
  );
}

function isBusy(app: App, push: Branch['push']): DcdgetError {
  const who = push === null ? '' : `, by ${push.by} (operation ${push.operationId})`;
  return new DcdgetError('conflict', `Another push to ${app.name} is being deployed${who}.`, {
    hint: 'Nothing of yours was taken; push again when it has ended.',
  });
}

function hasMoved(name: string): DcdgetError {
  return new DcdgetError('conflict', `${name} has moved meanwhile.`, { hint: 'Fetch, and push again.' });
}

function warn(say: Say, sentence: string): void {
  say(` !     ${sentence}`);
}

function complain(say: Say, sentence: string, hint?: string): void {
  for (const line of [sentence, ...(hint === undefined ? [] : [hint])]) warn(say, line);
}
