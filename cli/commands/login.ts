import { Args, Flags } from '@oclif/core';
import { bold } from 'ansis';
import { X509Certificate } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Api } from '../api.ts';
import { DcdgetCommand } from '../base-command.ts';
import { forgetLogin, loginFile, parseUrl, readCa, storeLogin } from '../connection.ts';
import { CliError, usageError } from '../errors.ts';
import { send, type Call } from '../http.ts';
import { ask, confirm, declined } from '../prompt.ts';

const CA_TIMEOUT_MS = 15_000;

type LoggedIn = { url: string; file: string };
type Trust = { ca: string | undefined; fingerprint: string | undefined };

export class Login extends DcdgetCommand {
  static override summary = 'Store the URL, token and CA of a dcdget, for this user of this machine.';
  static override description = `Without --ca, a CA that is not trusted here is fetched from the dcdget, and its fingerprint is asked about or compared with --fingerprint. DCDGET_URL, DCDGET_TOKEN and DCDGET_CA win over what is stored.`;
  static override args = {
    url: Args.string({ required: true, description: 'such as https://paas.example.com', ignoreStdin: true }),
  };
  static override flags = {
    'token-stdin': Flags.boolean({ description: 'read the token from stdin instead of asking' }),
    ca: Flags.string({
      helpValue: 'FILE',
      env: 'DCDGET_CA',
      description: 'file of the CA that signed its certificate',
    }),
    fingerprint: Flags.string({
      helpValue: 'SHA256',
      description: 'fingerprint that its CA must have',
      exclusive: ['ca'],
    }),
  };
  static override examples = ['<%= config.bin %> login https://paas.example.com --token-stdin < token'];

  async run(): Promise<LoggedIn> {
    const { args, flags } = await this.parse(Login);
    const url = parseUrl(args.url);
    const ca = await this.#trustedCa(url, { ca: flags.ca, fingerprint: flags.fingerprint });
    const token = flags['token-stdin'] ? (await buffer(process.stdin)).toString('utf8').trim() : await askToken();
    if (token === '') throw usageError('The token is empty.');
    const connection = { url, token, ca };
    await new Api(connection).apps();
    const file = storeLogin(process.env, connection);
    this.log(`Logged in to ${bold(url.origin)}; stored in ${file}`);
    return { url: url.href, file };
  }

  /** The CA to trust, undefined when a public one signed the certificate, or when there is no TLS. */
  async #trustedCa(url: URL, trust: Trust): Promise<string | undefined> {
    if (trust.ca !== undefined) return readCa(trust.ca);
    if (url.protocol === 'http:' || (trust.fingerprint === undefined && (await isTrusted(url)))) return undefined;
    const pem = await fetchCa(url);
    const fingerprint = new X509Certificate(pem).fingerprint256;
    if (trust.fingerprint === undefined) await this.#confirmCa(url, fingerprint);
    else if (normal(trust.fingerprint) !== normal(fingerprint)) throw otherCa(url, fingerprint);
    return pem;
  }

  async #confirmCa(url: URL, fingerprint: string): Promise<void> {
    this.logToStderr(`The CA of ${url.origin} has the fingerprint\n  ${bold(fingerprint)}`);
    const hint = 'Give the file of its CA with --ca, or its fingerprint with --fingerprint.';
    if (!(await confirm('Trust it?', hint))) throw declined();
  }
}

export class Logout extends DcdgetCommand {
  static override summary = 'Forget the stored URL, token and CA.';

  async run(): Promise<{ file: string }> {
    await this.parse(Logout);
    forgetLogin(process.env);
    const file = loginFile(process.env);
    this.log(`${file} is gone.`);
    return { file };
  }
}

async function askToken(): Promise<string> {
  return ask('Token: ', 'Give it on stdin with --token-stdin.');
}

async function isTrusted(url: URL): Promise<boolean> {
  try {
    await send(caCall(url, false), CA_TIMEOUT_MS);
    return true;
  } catch (error) {
    if (error instanceof CliError && error.id === 'tls') return false;
    throw error;
  }
}

async function fetchCa(url: URL): Promise<string> {
  const answer = await send(caCall(url, true), CA_TIMEOUT_MS);
  if (answer.status === 200 && answer.text.includes('-----BEGIN CERTIFICATE-----')) return answer.text;
  throw new CliError('no_ca', `${url.origin} does not give its CA.`, { hint: 'Give the file of its CA with --ca.' });
}

function caCall(url: URL, trustAnyone: boolean): Call {
  return { method: 'GET', url: new URL('/ca.pem', url), headers: {}, ca: undefined, trustAnyone };
}

function normal(fingerprint: string): string {
  return fingerprint
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase();
}

function otherCa(url: URL, fingerprint: string): CliError {
  return new CliError('ca_mismatch', `The CA of ${url.origin} has the fingerprint ${fingerprint}, not the one given.`, {
    hint: 'Either the fingerprint is of another dcdget, or someone answers in its place.',
  });
}
