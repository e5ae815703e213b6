import {
  isNewer,
  isOnlySample,
  MAX_EVENTS_OF_APP,
  MAX_EVENTS_OF_INSTANCE,
  type InstanceEvent,
  type InstanceStatus,
  type KeptEvent,
} from '../domain/instance-events.ts';
import { processName, type PlacedInstance } from '../domain/instances.ts';
import { DcdgetError } from '../domain/errors.ts';
import { collection, isDuplicateKey, unkeyed, type Database } from './database.ts';

/** Raised by every change, for the conditional update; `kept` counts what went into the history. */
type StoredStatus = InstanceStatus & { revision: number; kept: number };

export type InstanceEvents = ReturnType<typeof createInstanceEvents>;

/** Old events go once for so many new ones. */
const PRUNE_EVERY = 20;
const ATTEMPTS = 10;

/** What instances said of themselves: the newest word on each, and a history of bounded length. */
export function createInstanceEvents(database: Database) {
  const events = collection<KeptEvent>(database, 'instanceEvents');
  const statuses = collection<StoredStatus>(database, 'instanceStatuses');

  return {
    async prepare(): Promise<void> {
      await events.createIndex({ appId: 1 });
      await events.createIndex({ instanceId: 1 });
      await statuses.createIndex({ appId: 1 });
    },

    /** False when it was known. A late one is kept in the history and is not the newest word. */
    async record(event: InstanceEvent, instance: PlacedInstance): Promise<boolean> {
      const before = await statusOf(event.instanceId);
      const isSample = isOnlySample(event, before);
      if (isSample && !isNewer(event, before)) return false;
      const isNew = isSample || (await keep(event, instance));
      const kept = await advance(event, instance, isNew && !isSample, before);
      if (isNew && !isSample && kept % PRUNE_EVERY === 0) await prune(event.instanceId, instance.appId);
      return isNew;
    },

    /** The newest word on each instance of the app. */
    async statuses(appId: string): Promise<InstanceStatus[]> {
      return (await statuses.find({ appId }).toArray()).map(asStatus);
    },

    /** Oldest first; of the whole app, also of instances that are gone. */
    async list(appId: string): Promise<KeptEvent[]> {
      const found = (await events.find({ appId }).toArray()).map((document) => unkeyed<KeptEvent>(document));
      return found.sort(byTime).slice(-MAX_EVENTS_OF_APP);
    },

    /** Forgets the words on instances, and the histories of apps, that are gone. */
    async sweep(instanceIds: ReadonlySet<string>, appIds: ReadonlySet<string>): Promise<void> {
      const words = await statuses.find({}, { projection: { _id: 1 } }).toArray();
      for (const { _id } of words) if (!instanceIds.has(_id)) await statuses.deleteOne({ _id });
      for (const appId of await events.distinct('appId')) if (!appIds.has(appId)) await events.deleteMany({ appId });
    },
  };

  async function statusOf(instanceId: string): Promise<StoredStatus | null> {
    const found = await statuses.findOne({ _id: instanceId });
    return found === null ? null : unkeyed<StoredStatus>(found);
  }

  async function keep(event: InstanceEvent, instance: PlacedInstance): Promise<boolean> {
    const { appId, version } = instance;
    const kept: KeptEvent = { ...event, appId, version, process: processName(instance), receivedAt: new Date() };
    try {
      await events.insertOne({ _id: `${event.instanceId}/${event.run}:${event.n}`, ...kept });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return false;
    }
  }

  /** Makes the event the newest word unless there is a newer one; returns how many were kept of the instance. */
  async function advance(
    event: InstanceEvent,
    { appId }: PlacedInstance,
    isKept: boolean,
    known: StoredStatus | null,
  ): Promise<number> {
    const { instanceId, run, n, state, at, sample, oom } = event;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = attempt === 0 ? known : await statusOf(instanceId);
      const kept = (before?.kept ?? 0) + (isKept ? 1 : 0);
      const newest = isNewer(event, before);
      if (!newest && !isKept) return kept;
      const since = before !== null && isOnlySample(event, before) ? before.at : at;
      const word = newest ? { run, n, state, at: since, sample, oom } : {};
      if (before === null) {
        const first = { instanceId, appId, run, n, state, at, sample, oom, revision: 1, kept };
        if (await isDone(statuses.insertOne({ _id: instanceId, ...first }))) return kept;
      } else {
        const { revision } = before;
        const change = { $set: { ...word, kept, revision: revision + 1 } };
        const { modifiedCount } = await statuses.updateOne({ _id: instanceId, revision }, change);
        if (modifiedCount === 1) return kept;
      }
    }
    throw new DcdgetError('unavailable', `Too many reports of ${instanceId} at once`);
  }

  async function prune(instanceId: string, appId: string): Promise<void> {
    await removeOldest({ instanceId }, MAX_EVENTS_OF_INSTANCE);
    await removeOldest({ appId }, MAX_EVENTS_OF_APP);
  }

  async function removeOldest(of: { instanceId: string } | { appId: string }, most: number): Promise<void> {
    const found = (await events.find(of).toArray()).sort(byTime);
    for (const { _id } of found.slice(0, Math.max(0, found.length - most))) await events.deleteOne({ _id });
  }
}

async function isDone(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion;
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

function asStatus(document: StoredStatus & { _id: string }): InstanceStatus {
  const { revision, kept, ...status } = unkeyed<StoredStatus>(document);
  return status;
}

function byTime(a: KeptEvent, b: KeptEvent): number {
  return (
    a.at.getTime() - b.at.getTime() || (a.run === b.run ? a.n - b.n : a.receivedAt.getTime() - b.receivedAt.getTime())
  );
}
