import type { Settings } from '../config/settings.ts';
import type { Objects } from '../objects/objects.ts';
import type { Store } from '../store/store.ts';
import type { Gate } from '../sources/gate.ts';
import type { AppAddresses } from './schemas/apps.ts';
import type { Temporal } from './temporal.ts';

/** What the routes are given; server.ts joins the real ones. */
export type Dependencies = {
  store: Store;
  objects: Objects;
  temporal: Temporal;
  /** Texts of the recipes by sha256. */
  recipes: ReadonlyMap<string, string>;
  /** Names of the platform's own buildpacks, such as nodejs. */
  buildpacks: ReadonlySet<string>;
  addresses: AppAddresses;
  /** Where lines are read: https://host:port; null: nowhere. */
  streamsUrl: string | null;
  /** Where clients of one-off sessions meet their instances; null: nowhere. */
  rendezvous: { host: string; port: number } | null;
  /** Where log drains may lead. */
  drainGate: Pick<Gate, 'assertOpen'>;
  git: Settings['git'];
  /** Decides where sources may be fetched from. */
  gate: Pick<Gate, 'assertOpen'>;
  /** How long a step is retried before its operation asks for an operator. */
  retryBudgetSeconds: number;
  /** How long archived log files stay; 0: log files are not archived. */
  logArchiveDays: number;
  /** How long a process has, from its start, until it is up. */
  bootSeconds: number;
};

export type Log = {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
};
