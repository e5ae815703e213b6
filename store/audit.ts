import { randomUUID } from 'node:crypto';
import { collection, type Database } from './database.ts';

/** Who did what to which thing; never a value that was set. */
export type AuditRow = { actor: string; action: string; subject: string; operationId: string | null; at: Date };

export type Audit = ReturnType<typeof createAudit>;

/** Append-only. */
export function createAudit(database: Database) {
  const audit = collection<AuditRow>(database, 'audit');
  return {
    async append(row: Omit<AuditRow, 'at'>): Promise<void> {
      await audit.insertOne({ _id: randomUUID(), ...row, at: new Date() });
    },
  };
}
