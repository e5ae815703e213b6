import { Type, type Static } from 'typebox';
import { buildpackName, MAX_BUILDPACKS, parseBuildpack } from '../../domain/buildpacks.ts';

export const BuildpackInstallation = Type.Object(
  {
    ordinal: Type.Integer({ description: 'Its place, from 0.' }),
    buildpack: Type.Object({ url: Type.String(), name: Type.String() }),
  },
  { description: 'A buildpack of an app' },
);
export type BuildpackInstallation = Static<typeof BuildpackInstallation>;

export const BuildpackUpdates = Type.Object({
  updates: Type.Array(
    Type.Object({
      buildpack: Type.String({
        maxLength: 800,
        description: 'heroku/nodejs, https://HOST/REPOSITORY[#REF] or https://HOST/ARCHIVE.tgz',
      }),
    }),
    { maxItems: MAX_BUILDPACKS, description: 'All of them, in order; none: detected.' },
  ),
});

export function buildpackShape(name: string): BuildpackInstallation['buildpack'] {
  const buildpack = parseBuildpack(name);
  return { name, url: buildpack.kind === 'own' ? `urn:buildpack:${name}` : buildpackName(buildpack) };
}
