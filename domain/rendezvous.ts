/** The two who meet: whoever holds the terminal, and ps-dock in the session's container. */
export type Side = 'client' | 'instance';

/** What signs and checks: store/signatures.ts. */
export type Signing = {
  sign(thing: string, validMs: number): string;
  isValid(token: string, thing: string): boolean;
};

/** How long a secret is good for; it opens the door once. */
export const SECRET_VALID_MS = 60_000;

/** The first line that a party sends, without its line end. */
export type Knock = {
  side: Side;
  sessionId: string;
  nonce: string;
  token: string;
  /** When the secret ends, in ms since 1970. */
  expires: number;
  /** How many seconds the instance waits when nobody is there: a session that can be taken up again. */
  waitSeconds: number;
};

const KNOCK =
  /^(client|instance)\.([0-9a-f-]{36})\.([0-9a-f]{32})\.((\d{1,16})\.[A-Za-z0-9_-]{43})(?: wait=(\d{1,4}))?$/;

/** `nonce` is 16 random bytes in hex. */
export function rendezvousSecret(
  signing: Signing,
  party: { side: Side; sessionId: string; nonce: string },
  validMs = SECRET_VALID_MS,
): string {
  return `${party.side}.${party.sessionId}.${party.nonce}.${signing.sign(thingOf(party), validMs)}`;
}

/** Null for what is no such line at all; whether its secret is good, isGenuine says. */
export function readKnock(line: string): Knock | null {
  const [, side, sessionId = '', nonce = '', token = '', expires, wait = '0'] = KNOCK.exec(line) ?? [];
  if (side !== 'client' && side !== 'instance') return null;
  return {
    side,
    sessionId,
    nonce,
    token,
    expires: Number(expires),
    waitSeconds: side === 'instance' ? Number(wait) : 0,
  };
}

export function isGenuine(signing: Signing, knock: Knock): boolean {
  return signing.isValid(knock.token, thingOf(knock));
}

function thingOf({ side, sessionId, nonce }: { side: Side; sessionId: string; nonce: string }): string {
  return `rendezvous:${side}:${sessionId}:${nonce}`;
}
