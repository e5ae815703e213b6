import { collection, unkeyed, type Database } from './database.ts';

/** A piece of an operation's build log; `number` counts from 1 without gaps. */
export type OutputChunk = { operationId: string; number: number; text: string };

export type Output = ReturnType<typeof createOutput>;

export function createOutput(database: Database) {
  const output = collection<OutputChunk>(database, 'output');

  return {
    async prepare(): Promise<void> {
      await output.createIndex({ operationId: 1 });
    },

    /** The same number again replaces. */
    async write(chunk: OutputChunk): Promise<void> {
      await output.replaceOne({ _id: `${chunk.operationId}/${chunk.number}` }, chunk, { upsert: true });
    },

    async get(operationId: string, number: number): Promise<OutputChunk | null> {
      const found = await output.findOne({ _id: `${operationId}/${number}` });
      return found === null ? null : unkeyed<OutputChunk>(found);
    },

    /** In order, from the number after `after`. */
    async list(operationId: string, after = 0): Promise<OutputChunk[]> {
      const found = (await output.find({ operationId }).toArray()).map((document) => unkeyed<OutputChunk>(document));
      return found.filter(({ number }) => number > after).sort((a, b) => a.number - b.number);
    },

    async removeAll(operationIds: string[]): Promise<void> {
      for (const operationId of operationIds) await output.deleteMany({ operationId });
    },
  };
}
