import { Type } from 'typebox';

export const BuildVarsShape = Type.Record(Type.String(), Type.Literal(true), {
  description: 'Names of the config vars that builds are given',
});

export const BuildVarsChange = Type.Record(Type.String(), Type.Boolean(), {
  maxProperties: 100,
  description: 'false: builds are not given it any more.',
});
