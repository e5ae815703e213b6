import type { Objects } from '../objects/objects.ts';
import type { CompileSlug } from '../packman/client.ts';
import type { HostKey } from '../domain/servers.ts';
import type { Gate } from '../sources/gate.ts';
import type { Scratch } from '../sources/scratch.ts';
import type { RunRecipe } from '../ssh/run-recipe.ts';
import type { Store } from '../store/store.ts';

/** What servers fetch, by digest. */
export type Assets = {
  image: { version: string; sha256: string };
  psDock: { sha256: string };
  node: { sha256: string };
  packman: { sha256: string };
};

export type ActivityDeps = {
  store: Store;
  objects: Objects;
  runRecipe: RunRecipe;
  scanHostKey: (address: { host: string; port: number }) => Promise<HostKey>;
  compile: CompileSlug;
  assets: Assets;
  /** What it takes to fetch sources. */
  sources: {
    gate: Gate;
    /** PEM of the authority that is trusted beside the public ones, null for none. */
    ca: () => Promise<string | null>;
    scratch: Scratch;
    /** How large the objects of one commit may be. */
    maxMb: number;
  };
  publicUrl: string;
  /** Where instances and routers send lines; null: there is no log hub. */
  hub: { address: string; serverName: string } | null;
  /** host:port pairs of the platform's own parts: closed to containers on private addresses. */
  parts: () => Promise<readonly string[]>;
  /** host:port pairs that containers reach even so: the API, the log hub, the rendezvous, what the operator shares. */
  peers: readonly string[];
  appsDomain: string;
  /** Where instances of one-off sessions meet their clients; null: there are none. */
  rendezvous: { host: string; port: number } | null;
  watchSeconds: number;
  drainSeconds: number;
  /** How long a process has until it answers. */
  bootSeconds: number;
  /** How long something is on a server without the record knowing before it may be removed. */
  orphanGraceSeconds: number;
  /** How long archived log files stay; 0: log files are not archived. */
  logArchiveDays: number;
  /** For the operator's log: what went wrong beside the operation, and does not end it. */
  warn: (sentence: string) => void;
  /** Fires when the running activity is cancelled or its worker goes. */
  signal: () => AbortSignal;
};
