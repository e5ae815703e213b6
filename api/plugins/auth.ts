import type { FastifyRequest } from 'fastify';
import { DcdgetError } from '../../domain/errors.ts';
import type { Store } from '../../store/store.ts';
import type { User } from '../../store/users.ts';
import type { Api } from '../api.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whom the token speaks for; absent on routes that are not for users. */
    user: User;
  }
  interface FastifyContextConfig {
    /** `anyone`: no credentials; `signature`: the route itself checks a signed token. Absent: a user's token. */
    access?: 'anyone' | 'signature';
  }
}

/** Every route wants a user's token, unknown ones included, unless it says otherwise. */
export function installAuth(api: Api, { store }: { store: Store }): void {
  api.decorateRequest('user');
  api.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access !== undefined) return;
    const token = tokenOf(request);
    const user = token === null ? null : await store.users.byToken(token);
    if (user === null) throw unauthorized();
    request.user = user;
  });
}

export function unauthorized(): DcdgetError {
  return new DcdgetError('unauthorized', 'There were no valid credentials with the request.', {
    hint: 'Send a valid token as Authorization: Bearer <token>.',
  });
}

/** From `Bearer <token>`, or from `Basic` with any user name. */
export function tokenOf(request: FastifyRequest): string | null {
  const [scheme, credentials] = (request.headers.authorization ?? '').split(' ', 2);
  if (!scheme || !credentials) return null;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return null;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1) || null;
}
