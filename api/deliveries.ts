import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { DcdgetError, invalid } from '../domain/errors.ts';
import { isSigned } from './hooks/signature.ts';

/** What a signed request tells: a push, or something that deploys nothing. */
export type Delivery = { kind: 'push'; branch: string; names: string[] } | { kind: 'other'; what: string };

const NAME = /^[\x21-\x7e]{1,100}$/;
const HEADS = 'refs/heads/';
const NO_COMMIT = /^0+$/;

/**
 * Reads a delivery in the form of GitHub (`X-Hub-Signature-256`, `X-GitHub-Event`, `X-GitHub-Delivery`) or in our own
 * (`Dcdget-Signature` over `{"ref": …, "delivery": …}`). Both sign the body by HMAC-SHA256. Throws unauthorized before
 * it looks into a body that is not signed with `secret`, invalid_params for one that says something else.
 */
export function readDelivery(headers: IncomingHttpHeaders, body: Buffer, secret: string): Delivery {
  const ofGithub = headers['x-hub-signature-256'];
  const given = String(ofGithub ?? headers['dcdget-signature'] ?? '');
  if (!isSigned(body, given, secret)) {
    throw new DcdgetError('unauthorized', 'The request is not signed with the secret of this hook.', {
      hint: 'Sign the body by HMAC-SHA256: X-Hub-Signature-256 or Dcdget-Signature: sha256=<hex>.',
    });
  }
  const told = parsed(body);
  return ofGithub === undefined ? ownDelivery(told, body) : githubDelivery(headers, told, body);
}

export function signatureOf(body: Buffer | string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function githubDelivery(headers: IncomingHttpHeaders, told: Record<string, unknown>, body: Buffer): Delivery {
  const event = String(headers['x-github-event'] ?? '');
  if (event !== 'push') return { kind: 'other', what: event === '' ? 'no event' : `the event ${event.slice(0, 50)}` };
  const name = String(headers['x-github-delivery'] ?? '');
  if (!NAME.test(name)) throw invalid('x-github-delivery', 'must name the delivery');
  if (told['deleted'] === true || NO_COMMIT.test(String(told['after']))) {
    return { kind: 'other', what: 'a deletion' };
  }
  // The header is not signed: by the digest the same body is known again under any name.
  return pushOf(told['ref'], [name, digestOf(body)]);
}

function ownDelivery({ ref, delivery }: Record<string, unknown>, body: Buffer): Delivery {
  if (typeof delivery !== 'string' || !NAME.test(delivery)) {
    throw invalid('delivery', 'must be a text that no other delivery has, such as the number of a run');
  }
  return pushOf(ref, [delivery, digestOf(body)]);
}

function pushOf(ref: unknown, names: string[]): Delivery {
  if (typeof ref !== 'string' || ref === '') throw invalid('ref', 'must name what was pushed, such as refs/heads/main');
  if (ref.startsWith(HEADS)) return { kind: 'push', branch: ref.slice(HEADS.length), names };
  if (ref.startsWith('refs/')) return { kind: 'other', what: ref.slice(0, 200) };
  return { kind: 'push', branch: ref, names };
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    const told = JSON.parse(body.toString('utf8')) as unknown;
    if (typeof told === 'object' && told !== null && !Array.isArray(told)) return told as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw invalid('body', 'must be a JSON object: choose application/json as the content type');
}

function digestOf(body: Buffer): string {
  return `body:${createHash('sha256').update(body).digest('hex')}`;
}
