import { notFound } from '../domain/errors.ts';
import type { Formation } from '../domain/apps.ts';
import { isFinal, type Operation, type OperationState } from '../domain/operations.ts';
import type { Failure } from '../domain/releases.ts';
import { collection, unkeyed, type Database } from './database.ts';
import { remembered } from './remembered.ts';

/** `submitted` turns true when Temporal has taken the operation. */
type StoredOperation = Operation & { submitted: boolean };

/** The steps of one operation ask for the same one after the other. */
const REMEMBERED_MS = 2000;

export type Operations = ReturnType<typeof createOperations>;

export function createOperations(database: Database) {
  const operations = collection<StoredOperation>(database, 'operations');
  let watcher: ((operation: Operation) => void) | null = null;

  /** Sets what is not set yet, and tells how it then is. Throws not_found. */
  const setFirst = async (
    id: string,
    unset: { startedAt: null } | { formation: null },
    fields: Partial<Operation>,
  ): Promise<Operation> => {
    const changed = await operations.findOneAndUpdate(
      { _id: id, ...unset },
      { $set: fields },
      { returnDocument: 'after' },
    );
    const operation = changed ?? (await operations.findOne({ _id: id }));
    if (operation === null) throw notFound('operation', id);
    return asOperation(operation);
  };

  const find = async (_id: string): Promise<Operation | null> => {
    const found = await operations.findOne({ _id });
    return found === null ? null : asOperation(found);
  };
  const begun = remembered(REMEMBERED_MS, find, (operation) => operation !== null && operation.startedAt !== null);

  return {
    /** Called with each operation whose state this process has changed; it holds nothing up. */
    watch(told: (operation: Operation) => void): void {
      watcher = told;
    },

    async prepare(): Promise<void> {
      await operations.createIndex({ appId: 1 });
      await operations.createIndex({ submitted: 1 });
    },

    async add(operation: Operation): Promise<void> {
      await operations.insertOne({ _id: operation.id, ...operation, submitted: false });
    },

    /** Throws not_found. */
    async get(id: string): Promise<Operation> {
      const operation = await find(id);
      if (operation === null) throw notFound('operation', id);
      return operation;
    },

    find,

    /** What stands once its first step is done: kind, change, version, what is kept. Throws not_found. */
    async begun(id: string): Promise<Pick<Operation, 'id' | 'kind' | 'change' | 'version' | 'keep'>> {
      const operation = await begun(id);
      if (operation === null) throw notFound('operation', id);
      return operation;
    },

    /** Newest first; all of them, or those of one app. */
    async list(appId?: string): Promise<Operation[]> {
      const found = await operations.find(appId === undefined ? {} : { appId }).toArray();
      return found.map(asOperation).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
    },

    async markSubmitted(id: string): Promise<void> {
      await operations.updateOne({ _id: id }, { $set: { submitted: true } });
    },

    /** Stored but perhaps never handed to Temporal: the API died between the two. */
    async unsubmitted(): Promise<Operation[]> {
      return (await operations.find({ submitted: false }).toArray()).map(asOperation);
    },

    /** The first begin draws; a second one finds what was drawn. */
    async begin(id: string, draw: () => Promise<number>): Promise<Operation> {
      const operation = await this.get(id);
      if (operation.startedAt !== null) return operation;
      const begun = { state: 'running' as const, startedAt: new Date(), sequence: await draw() };
      const changed = await setFirst(id, { startedAt: null }, begun);
      if (changed.sequence === begun.sequence) watcher?.(changed);
      return changed;
    },

    async setKeep(id: string, keep: string[]): Promise<void> {
      await operations.updateOne({ _id: id }, { $set: { keep } });
    },

    /** The first formation stands, and is returned. */
    async freezeFormation(id: string, formation: Formation): Promise<Formation> {
      return (await setFirst(id, { formation: null }, { formation })).formation ?? formation;
    },

    /** While it needs an operator, `failure` says for what. */
    async setState(id: string, state: OperationState, failure: Failure | null): Promise<void> {
      const { modifiedCount } = await operations.updateOne({ _id: id, endedAt: null }, { $set: { state, failure } });
      if (modifiedCount > 0 && state === 'needs-operator') tell(id);
    },

    /** The first end stands: a second one changes nothing. */
    async end(
      id: string,
      state: OperationState,
      facts: { failure?: Failure | null; supersededBy?: string } = {},
    ): Promise<void> {
      if (!isFinal(state)) throw new TypeError(`${state} is not an end`);
      const ended = { state, endedAt: new Date(), ...facts };
      const changed = await operations.findOneAndUpdate(
        { _id: id, endedAt: null },
        { $set: ended },
        { returnDocument: 'after' },
      );
      if (changed !== null) watcher?.(asOperation(changed));
    },
  };

  function tell(id: string): void {
    if (watcher === null) return;
    const told = watcher;
    // News only: the record has it.
    void operations.findOne({ _id: id }).then(
      (found) => found !== null && told(asOperation(found)),
      () => undefined,
    );
  }
}

function asOperation(document: StoredOperation & { _id: string }): Operation {
  const { submitted, ...operation } = unkeyed<StoredOperation>(document);
  return operation;
}
