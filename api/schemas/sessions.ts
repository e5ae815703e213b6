import { Type, type Static } from 'typebox';
import { SIZES, type SizeName } from '../../domain/apps.ts';
import { Literals, Nullable } from './primitives.ts';
import { DynoShape } from './dynos.ts';

const DAY_SECONDS = 24 * 3600;
const MAX_COMMAND_CHARACTERS = 32_768;

/** Null is absent, as Heroku's clients mean it. */
const Optional = <T extends Parameters<typeof Nullable>[0]>(type: T) => Type.Optional(Nullable(type));

export const NewSession = Type.Object({
  command: Type.String({
    minLength: 1,
    maxLength: MAX_COMMAND_CHARACTERS,
    description: 'For bash, or sh in an image without it; the name of a process type means its command.',
  }),
  attach: Optional(Type.Boolean({ description: 'Somebody will be at its terminal; else it is detached.' })),
  env: Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: 'Beside the config vars; COLUMNS and LINES are the size of the terminal.',
    }),
  ),
  force_no_tty: Optional(Type.Boolean()),
  size: Optional(Literals(...(Object.keys(SIZES) as [SizeName, ...SizeName[]]))),
  time_to_live: Optional(Type.Integer({ minimum: 1, maximum: DAY_SECONDS, description: 'Seconds; a day if absent.' })),
  framed: Optional(Type.Boolean({ description: "dcdget's own frames instead of bare bytes: ps-dock/README.md." })),
  reattach_seconds: Optional(
    Type.Integer({ minimum: 0, maximum: 3600, description: 'How long it waits for a client that has gone.' }),
  ),
  idle_seconds: Optional(
    Type.Integer({ minimum: 1, maximum: DAY_SECONDS, description: 'How long nothing may be said; an hour if absent.' }),
  ),
});
export type NewSession = Static<typeof NewSession>;

/** An instance, and of a one-off session how it ended. */
export const SessionShape = Type.Interface([DynoShape], {
  exit_code: Nullable(Type.Integer()),
  ended_at: Nullable(Type.String({ format: 'date-time' })),
  failure: Nullable(Type.Object({ id: Type.String(), message: Type.String(), hint: Nullable(Type.String()) })),
});
export type SessionShape = Static<typeof SessionShape>;
