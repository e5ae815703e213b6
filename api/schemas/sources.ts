import { Type } from 'typebox';
import { Uri, Uuid } from './primitives.ts';

export const SourceShape = Type.Object(
  {
    source_blob: Type.Object({
      put_url: { ...Uri, description: 'PUT the gzipped tar archive here.' },
      get_url: { ...Uri, description: 'Give this to a build.' },
    }),
  },
  { description: 'Where to upload a source' },
);

export const SourceParams = Type.Object({ source: Uuid });
export const TokenQuery = Type.Object({ token: Type.String({ maxLength: 200 }) });
