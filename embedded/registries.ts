import { run } from './commands.ts';

/** What Packman passes on to builds when the environment names it. */
const NAMES = [
  'npm_config_registry',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'UV_DEFAULT_INDEX',
  'UV_INDEX',
  'GOPROXY',
  'GOSUMDB',
  'GONOSUMDB',
  'GOPRIVATE',
  'BUNDLE_MIRROR__ALL',
  'MAVEN_MIRROR_URL',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
];
/** What tells the same where it is set in a file of the program's own. */
const COMMANDS: Record<string, string> = {
  npm_config_registry: 'npm config get registry',
  PIP_INDEX_URL: 'pip config get global.index-url',
  GOPROXY: 'go env GOPROXY',
  GOSUMDB: 'go env GOSUMDB',
};

type Ask = (command: string) => Promise<string>;

/** How this machine reaches package registries, as the lines of a build server's /etc/dcdget/registries. */
export async function registrySettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  ask: Ask = answerOf,
): Promise<string> {
  const values = await Promise.all(NAMES.map(async (name) => environment[name] || known(name, ask)));
  return NAMES.flatMap((name, index) => (values[index] ? [`${name}=${values[index]}\n`] : [])).join('');
}

async function known(name: string, ask: Ask): Promise<string> {
  const command = COMMANDS[name];
  return command === undefined ? '' : (await ask(command)).trim();
}

/** Empty for a program that is not here, or that has nothing set. */
async function answerOf(command: string): Promise<string> {
  const [program = '', ...args] = command.split(' ');
  const env = { ...process.env, npm_config_loglevel: 'silent' };
  return run({ command: program, args, env, timeoutMs: 20_000 }).catch(() => '');
}
