/** What the rendezvous gives strangers and parties. Times are in ms. */
export type Limits = {
  /** Open connections, admitted or not; one more pushes out the stranger that has been here longest. */
  connections: number;
  /** Connections of one address that have not shown a secret yet. */
  strangersOfAddress: number;
  /** The first line: how long it may be in bytes, and how long it may take, TLS included. */
  headerBytes: number;
  headerMs: number;
  /** From a bad line to the end of its connection, whatever is wrong with it. */
  refuseMs: number;
  /** How long a party waits for the other one. */
  waitMs: number;
  /** How long two parties may say nothing. */
  idleMs: number;
  /** From the greeting to the first word of the instance: a client drops what comes with its greeting. */
  greetingMs: number;
  /** How long a party may take to read the last words. */
  lingerMs: number;
};

export const LIMITS: Limits = {
  connections: 4000,
  strangersOfAddress: 200,
  headerBytes: 256,
  headerMs: 10_000,
  refuseMs: 1000,
  waitMs: 60_000,
  idleMs: 25 * 3600_000,
  greetingMs: 50,
  lingerMs: 10_000,
};
