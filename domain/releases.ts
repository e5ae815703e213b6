import type { Formation, Stack } from './apps.ts';
import type { ProcessSettingsByType } from './processes.ts';
import type { Origin } from './sources.ts';
import type { StepName } from './steps.ts';

export type ReleaseState = 'pending' | 'succeeded' | 'failed';

/** Why an operation or a release failed, as people are told it. */
export type Failure = {
  step: StepName;
  code: string;
  message: string;
  hint: string | null;
  /** The last lines of output, redacted. */
  output: string | null;
};

/** What a compile made: content-addressed, the same for every release that uses it. */
export type Slug = {
  /** sha256 of the tar.zst, hex. */
  digest: string;
  bytes: number;
  /** Process type → command, from the Procfile or the buildpack. */
  processTypes: Record<string, string>;
  buildpack: string;
  configDefaults: Record<string, string>;
  /** What app.json says about process types; absent in slugs of before it was read. */
  processSettings?: ProcessSettingsByType;
  /** Version of the base image it was compiled in. */
  imageVersion: string;
  /** Of a slug that is a whole root file system, made of an OCI image: what it starts in place of a command. */
  program?: ImageProgram;
};

/** A program with its arguments, no shell between; the folder is absolute. */
export type ImageProgram = { words: string[]; directory: string };

/** Immutable but for its state; numbered from 1 within its app. */
export type Release = {
  id: string;
  appId: string;
  version: number;
  state: ReleaseState;
  description: string;
  user: { id: string; email: string };
  operationId: string;
  stack: Stack;
  configVersion: number;
  /** Null until compiled, and for a release of an app without code. */
  slug: Slug | null;
  /** Frozen by createRelease, null before. */
  formation: Formation | null;
  buildId: string | null;
  failure: Failure | null;
  createdAt: Date;
  updatedAt: Date;
};

export type BuildState = 'pending' | 'succeeded' | 'failed';

export type Build = {
  id: string;
  appId: string;
  version: number;
  operationId: string;
  state: BuildState;
  user: { id: string; email: string };
  /** Id of the uploaded source, and its sha256 once fetchSource has seen it. */
  sourceId: string;
  sourceDigest: string | null;
  /** The caller's own word for the source's version, such as a commit. */
  sourceVersion: string | null;
  /** Where fetchSource brings the source from; null or absent: it was uploaded. */
  origin?: Origin | null;
  /** What people should know of what was fetched, shown before the build; absent: nothing. */
  remarks?: string[];
  /** The sha256 in hex that the caller wants it to have; null or absent: any. */
  checksum?: string | null;
  /** The app's at the time, in order; empty: detected. Absent in builds of before there was a choice. */
  buildpacks?: string[];
  /** An OCI image instead of an app's source; absent: a source. */
  sourceKind?: 'image';
  /** Names of the config vars that the build is given; likewise. */
  buildVars?: string[];
  slugDigest: string | null;
  createdAt: Date;
  updatedAt: Date;
};
