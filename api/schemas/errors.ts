import { Type, type Static } from 'typebox';

export const ErrorShape = Type.Object(
  {
    id: Type.String({ description: 'For programs: invalid_params, not_found, unauthorized …' }),
    message: Type.String({ description: 'For people: one sentence.' }),
    hint: Type.Optional(Type.String({ description: 'What the reader can do about it.' })),
    field: Type.Optional(Type.String({ description: "The request's field that is wrong." })),
    host_key: Type.Optional(Type.String({ description: 'host_key_unconfirmed: the key that the server showed.' })),
    fingerprint: Type.Optional(Type.String({ description: 'host_key_unconfirmed: its SHA256 fingerprint.' })),
  },
  { description: 'What went wrong' },
);
export type ErrorShape = Static<typeof ErrorShape>;

/** The answers that every route may give beside its own. */
export const failures = { '4xx': ErrorShape, '5xx': ErrorShape };
