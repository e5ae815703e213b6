import type { paths } from './openapi.ts';

/** The JSON that a request is answered with. */
type Answer<
  Path extends keyof paths,
  Method extends keyof paths[Path],
  Status extends number | string,
> = paths[Path][Method] extends {
  responses: Record<Status, { content: { 'application/json': infer Body } }>;
}
  ? Body
  : never;

/** The JSON that a request carries. */
type Body<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

export type App = Answer<'/apps/{app}', 'get', 200>;
export type Branch = Answer<'/apps/{app}/branch', 'get', 200>;
export type ConfigVars = Answer<'/apps/{app}/config-vars', 'get', 200>;
export type BuildVars = Answer<'/apps/{app}/build-config-vars', 'get', 200>;
export type BuildpackInstallation = Answer<'/apps/{app}/buildpack-installations', 'get', 200>[number];
export type SourceBlob = Answer<'/sources', 'post', 201>;
export type Build = Answer<'/apps/{app}/builds', 'post', 201>;
export type NewBuild = Body<'/apps/{app}/builds', 'post'>;
export type Hook = Answer<'/apps/{app}/hooks', 'get', 200>[number];
export type HookWithSecret = Answer<'/apps/{app}/hooks', 'post', 201>;
export type NewHook = Body<'/apps/{app}/hooks', 'post'>;
export type Release = Answer<'/apps/{app}/releases/{version}', 'get', 200>;
export type FormationEntry = Answer<'/apps/{app}/formation', 'get', 200>[number];
export type FormationUpdate = Body<'/apps/{app}/formation', 'patch'>['updates'][number];
export type Dyno = Answer<'/apps/{app}/dynos', 'get', 200>[number];
/** A change of state, as an instance itself told it. */
export type DynoEvent = Answer<'/apps/{app}/history', 'get', 200>[number];

export type LogDrain = Answer<'/apps/{app}/log-drains', 'get', 200>[number];
/** A file of an app's log in the archive. */
export type LogArchive = Answer<'/apps/{app}/log-archives', 'get', 200>[number];
export type LogArchiveRun = Answer<'/apps/{app}/log-archives', 'post', 200>;
export type LogSession = Answer<'/apps/{app}/log-sessions', 'post', 201>;
export type NewLogSession = Body<'/apps/{app}/log-sessions', 'post'>;

export type Session = Answer<'/apps/{app}/dynos', 'post', 201>;
export type NewSession = Body<'/apps/{app}/dynos', 'post'>;

export type Operation = Answer<'/operations/{operation}', 'get', 200>;
/** An operation without its steps. */
export type OperationHead = Answer<'/operations', 'get', 200>[number];
export type OperationState = Operation['state'];
export type StepRow = Operation['steps'][number];
export type StepState = StepRow['state'];

export type Server = Answer<'/servers/{server}', 'get', 200>;
export type NewServer = Body<'/servers', 'post'>;
/** How a server differs from the record. */
export type ServerCheck = Answer<'/server-checks', 'get', 200>[number];
export type Role = NewServer['roles'][number];

/** `host_key` and `fingerprint` come with `host_key_unconfirmed`: the key that the server showed. */
export type ApiErrorBody = Answer<'/servers', 'post', '4XX'>;
