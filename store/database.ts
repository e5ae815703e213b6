import { MongoClient, type Collection, type Db } from 'mongodb';
import type { Settings } from '../config/settings.ts';

export type Database = { db: Db; ping(): Promise<void>; close(): Promise<void> };

/** Documents carry their natural key as `_id`: the look-up that every backend answers by index. */
export type Keyed<T> = T & { _id: string };

/** Rejects with the driver's error when the store cannot be reached within 10 s. */
export async function openDatabase(settings: Settings['store']): Promise<Database> {
  const client = new MongoClient(settings.url, {
    serverSelectionTimeoutMS: 10_000,
    socketTimeoutMS: 30_000,
    retryWrites: false,
    ignoreUndefined: true,
    // Two processes share few connections: the backend keeps one session each.
    maxPoolSize: 16,
  });
  await client.connect();
  const db = client.db(settings.database);
  return {
    db,
    ping: async () => void (await db.command({ ping: 1 })),
    close: () => client.close(),
  };
}

export function collection<T>(database: Database, name: string): Collection<Keyed<T>> {
  return database.db.collection<Keyed<T>>(name);
}

/** The document as the domain knows it, without its key. */
export function unkeyed<T>(document: Keyed<T>): T {
  const { _id, ...rest } = document;
  return rest as T;
}

const DUPLICATE_KEY = 11_000;

export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;
}
