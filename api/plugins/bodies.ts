import type { Api } from '../api.ts';

/** JSON under any of its names; no body at all where a client sends none, whatever it announces. */
export function installBodies(api: Api): void {
  const parse = api.getDefaultJsonParser('error', 'error');
  api.removeContentTypeParser('application/json');
  api.addContentTypeParser(/^application\/([\w.-]+\+)?json/, { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {});
    else void parse(request, body as string, done);
  });
  api.addHook('preValidation', async (request) => {
    request.body ??= {};
  });
}
