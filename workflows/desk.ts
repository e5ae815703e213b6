import { ApplicationFailure, condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { CANCEL_UPDATE, DECIDE_UPDATE } from '../domain/queue.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Decision } from '../domain/operations.ts';

export const decide = defineUpdate<void, [Decision]>(DECIDE_UPDATE);
export const cancel = defineUpdate<void, []>(CANCEL_UPDATE);

/** How long an operation waits for its operator before it says so again. */
const ALARM_EVERY = '10m';

export type Question = {
  /** Whether the operation can go on without the step. */
  canSkip: boolean;
  /** Called at once and every ten minutes until there is an answer, with the number of the call. */
  alarm: (times: number) => Promise<unknown>;
};

export type Desk = {
  /** Waits for an operator, who may take any time. */
  ask(question: Question): Promise<Decision>;
  /** From now on the operation is live, and a cancel is refused. */
  close(): void;
};

/** Where people reach a running operation: a cancel before it is live, a decision while it waits for one. */
export function openDesk(onCancel: () => void): Desk {
  const waiting = new Set<Question>();
  let isLive = false;
  let decision: { number: number; made: Decision | null } = { number: 0, made: null };

  setHandler(
    decide,
    (made) => {
      decision = { number: decision.number + 1, made };
    },
    {
      validator: ({ action }) => {
        if (waiting.size === 0) throw refused('conflict', 'The operation is not waiting for an operator');
        if (action === 'skip' && [...waiting].some(({ canSkip }) => !canSkip)) {
          throw refused('conflict', 'The operation cannot do without this step: retry or undo it');
        }
        if (isLive && action === 'undo')
          throw refused('already_live', 'The operation is already live: retry or skip the step');
      },
    },
  );
  setHandler(cancel, onCancel, {
    validator: () => {
      if (isLive) throw refused('already_live', 'The operation is already live');
    },
  });

  return {
    async ask(question) {
      const { number } = decision;
      waiting.add(question);
      try {
        for (let times = 1; ; times += 1) {
          await question.alarm(times);
          if (await condition(() => decision.number > number, ALARM_EVERY)) break;
        }
        return decision.made as Decision;
      } finally {
        waiting.delete(question);
      }
    },
    close() {
      isLive = true;
    },
  };
}

function refused(code: ErrorCode, sentence: string): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message: sentence, nonRetryable: true });
}
