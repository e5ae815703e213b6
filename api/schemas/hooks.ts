import { Type, type Static } from 'typebox';
import type { Hook } from '../../domain/hooks.ts';
import { GitToken, GitUrl } from './builds.ts';
import { Literals, Nullable, Timestamp, Uri, UserReference, Uuid } from './primitives.ts';

const fields = {
  id: Uuid,
  git: Type.Object({ url: Uri }),
  branch: Type.String(),
  url: Type.String({ description: 'Where deliveries are sent to.' }),
  user: UserReference,
  delivery: Nullable(
    Type.Object({ at: Timestamp, outcome: Type.String() }, { description: 'What the last delivery came to.' }),
  ),
  created_at: Timestamp,
  updated_at: Timestamp,
};

export const HookShape = Type.Object(fields, { description: 'A hook, by which another service deploys' });
export type HookShape = Static<typeof HookShape>;

export const HookWithSecret = Type.Object(
  { ...fields, secret: Type.String({ description: 'Signs deliveries. It is shown in this answer and never again.' }) },
  { description: 'A hook and its new secret' },
);

export const NewHook = Type.Object({
  git: Type.Object({ url: GitUrl, token: Type.Optional(Nullable(GitToken)) }),
  branch: Type.Optional(Type.String({ maxLength: 200, description: 'Its pushes deploy; main.' })),
});

export const HookParams = Type.Object({ app: Type.String({ maxLength: 64 }), hook: Uuid });

export const DeliveryShape = Type.Object(
  {
    status: Literals('deploying', 'ignored'),
    reason: Nullable(Type.String({ description: 'Why nothing is deployed.' })),
    operation: Nullable(Type.Object({ id: Uuid })),
    release: Nullable(Type.Object({ version: Type.Integer() })),
  },
  { description: 'What a delivery came to' },
);

export function hookShape(hook: Hook, url: string): HookShape {
  return {
    id: hook.id,
    git: { url: hook.url },
    branch: hook.branch,
    url,
    user: hook.user,
    delivery: hook.delivery && { at: hook.delivery.at.toISOString(), outcome: hook.delivery.outcome },
    created_at: hook.createdAt.toISOString(),
    updated_at: hook.updatedAt.toISOString(),
  };
}
