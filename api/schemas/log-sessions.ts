import { Type, type Static } from 'typebox';
import { Nullable, Timestamp, Uri, Uuid } from './primitives.ts';

const ProcessName = Type.String({ maxLength: 40, pattern: '^[a-z][a-z0-9_-]{0,29}(\\.[0-9]{1,6})?$' });

/** Heroku's clients say `dyno`; its schema says `dyno_name` and `type`. */
export const NewLogSession = Type.Object({
  dyno: Type.Optional(Nullable(ProcessName)),
  dyno_name: Type.Optional(Nullable(ProcessName)),
  type: Type.Optional(Nullable(ProcessName)),
  source: Type.Optional(
    Nullable(Type.String({ maxLength: 40, description: 'app, or dcdget (heroku is another word for it).' })),
  ),
  lines: Type.Optional(Nullable(Type.Integer({ minimum: 0, description: 'How many lines before now; at most 1500.' }))),
  tail: Type.Optional(Nullable(Type.Boolean({ description: 'Goes on with the lines that come.' }))),
});
export type NewLogSession = Static<typeof NewLogSession>;

export const LogSessionShape = Type.Object(
  { id: Uuid, logplex_url: Uri, created_at: Timestamp, updated_at: Timestamp },
  { description: 'Where the lines are read, without credentials, as server-sent events' },
);
