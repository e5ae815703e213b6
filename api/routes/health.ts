import { Type } from 'typebox';
import { DcdgetError } from '../../domain/errors.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { failures } from '../schemas/errors.ts';

const ANSWER_WITHIN_MS = 5_000;

export function healthRoutes(api: Api, { store, objects, temporal }: Dependencies): void {
  const parts: Record<string, () => Promise<void>> = {
    'the store': () => store.ping(),
    'the object store': () => objects.ping(),
    Temporal: () => temporal.ping(),
  };

  api.get(
    '/health',
    {
      config: { access: 'anyone' },
      logLevel: 'error',
      schema: {
        operationId: 'getHealth',
        tags: ['platform'],
        response: { 200: Type.Object({ status: Type.Literal('ok') }), ...failures },
      },
    },
    async () => {
      const answers = await Promise.allSettled(Object.values(parts).map((ask) => soon(ask())));
      const silent = Object.keys(parts).filter((_, index) => answers[index]?.status === 'rejected');
      if (silent.length > 0) throw new DcdgetError('unavailable', `No answer from ${silent.join(' and ')}.`);
      return { status: 'ok' as const };
    },
  );
}

async function soon(answer: Promise<void>): Promise<void> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  await Promise.race([
    answer,
    new Promise<never>((_resolve, reject) => late.addEventListener('abort', () => reject(late.reason as Error))),
  ]);
}
