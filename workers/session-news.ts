import { Client, Connection } from '@temporalio/client';
import type { Settings } from '../config/settings.ts';
import { LOOK_SIGNAL, sessionWorkflowId } from '../domain/sessions.ts';

const TELL_TIMEOUT_MS = 5_000;

type Log = { info(facts: object, sentence: string): void };

/** Tells a session's workflow what the rendezvous saw, so that it need not ask its server all the time. */
export function createSessionNews({ address, namespace }: Settings['temporal'], log: Log) {
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace });

  return {
    /** A workflow that does not hear of it looks for itself, a little later. */
    hungUp(sessionId: string): void {
      client
        .withDeadline(Date.now() + TELL_TIMEOUT_MS, () =>
          client.workflow.getHandle(sessionWorkflowId(sessionId)).signal(LOOK_SIGNAL),
        )
        .catch((error: unknown) => log.info({ sessionId, reason: String(error) }, 'A session was not told'));
    },

    close: () => connection.close(),
  };
}
