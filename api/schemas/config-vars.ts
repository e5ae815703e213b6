import { Type } from 'typebox';

export const ConfigVarsShape = Type.Record(Type.String(), Type.String(), { description: 'Config vars' });

/** One `type` of two, not a union: each property is told alone whether it is wrong. */
export const ConfigVarsChange = Type.Record(
  Type.String(),
  Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'null takes the config var away.' }),
  { maxProperties: 1000 },
);
