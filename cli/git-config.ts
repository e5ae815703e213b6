import { accessSync, chmodSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { loginFile, type Connection } from './connection.ts';

/** A key of git's own configuration and all its values; none takes the key away. */
export type GitSetting = { key: string; values: string[] };

/**
 * What git needs to reach this dcdget and no other host: whom to ask for the token, and which CA to trust. The token
 * itself stays where the command line has it. Writes the CA to a file, because git takes no other.
 */
export function gitSettings(connection: Connection, env: NodeJS.ProcessEnv): GitSetting[] {
  const { origin } = connection.url;
  return [
    // The empty one first: no other helper of this user is asked, nor told the token.
    { key: `credential.${origin}.helper`, values: ['', credentialHelper(env)] },
    { key: `http.${origin}.sslCAInfo`, values: connection.ca === undefined ? [] : [writeCa(connection, env)] },
  ];
}

export function remoteUrl({ url }: Connection, app: string): string {
  return `${url.origin}/${app}.git`;
}

/** By its name where the shell finds it, so that it outlives an upgrade; by its path otherwise. */
function credentialHelper(env: NodeJS.ProcessEnv): string {
  const program = isOnPath('dcdget', env) ? 'dcdget' : [process.execPath, process.argv[1] ?? ''].map(quoted).join(' ');
  return `!${program} git:credentials`;
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function writeCa({ url, ca }: Connection, env: NodeJS.ProcessEnv): string {
  const file = join(dirname(loginFile(env)), `ca-${url.host.replaceAll(/[^A-Za-z0-9.-]/g, '_')}.pem`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, ca ?? '');
  chmodSync(file, 0o600);
  return file;
}

/** For the shell that git starts. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
