/** What the API answers: Heroku's Platform API v3 shapes, and dcdget's own operations and servers. */

type AppReference = { id: string; name: string };
type UserReference = { id: string; email: string };

export type App = {
  id: string;
  name: string;
  owner: UserReference;
  stack: { id: string; name: string };
  web_url: string;
  maintenance: boolean;
  created_at: string;
  updated_at: string;
  released_at: string | null;
};

export type ConfigVars = Record<string, string>;

export type SourceBlob = { source_blob: { get_url: string; put_url: string } };

export type Build = {
  id: string;
  status: 'pending' | 'succeeded' | 'failed';
  output_stream_url: string;
  release: { id: string } | null;
  created_at: string;
};

export type Release = {
  id: string;
  version: number;
  status: 'pending' | 'succeeded' | 'failed' | 'expired';
  current: boolean;
  description: string;
  user: UserReference;
  slug: { id: string } | null;
  created_at: string;
  updated_at: string;
};

export type FormationEntry = {
  id: string;
  type: string;
  quantity: number;
  size: string;
  command: string;
};

export type Dyno = {
  id: string;
  name: string;
  type: string;
  state: string;
  size: string;
  command: string;
  release: { id: string; version: number };
  created_at: string;
  updated_at: string;
};

export type OperationState =
  | 'queued'
  | 'running'
  | 'rolling-back'
  | 'needs-operator'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'superseded';

export type StepState = 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';

type Failure = {
  step: string;
  code: string;
  message: string;
  hint: string | null;
  output: string | null;
};

export type StepRow = {
  number: number;
  step: string;
  /** The instance or server the row is about, '' for the step itself. */
  subject: string;
  server: string;
  state: StepState;
  attempt: number;
  started_at: string | null;
  ended_at: string | null;
  next_retry_at: string | null;
  reason: string | null;
  output: string | null;
};

export type OperationHead = {
  id: string;
  kind: string;
  app: AppReference | null;
  subject: string;
  release: { version: number } | null;
  state: OperationState;
  actor: { email: string };
  failure: Failure | null;
  superseded_by: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
};

export type Operation = OperationHead & { steps: StepRow[] };

export type Server = {
  id: string;
  name: string;
  host: string;
  port: number;
  user: string;
  roles: string[];
  state: string;
  host_key_fingerprint: string;
  memory_mb: number;
  instances: number;
  created_at: string;
  updated_at: string;
};

export type NewServer = {
  name: string;
  host: string;
  port: number;
  user: string;
  roles: string[];
  host_key?: string;
};

export type ApiErrorBody = {
  id: string;
  message: string;
  hint?: string | null;
  url?: string;
  field?: string;
  /** With `host_key_unconfirmed`: the key that the server showed. */
  host_key?: string;
  fingerprint?: string;
};
