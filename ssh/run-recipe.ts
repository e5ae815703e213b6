import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import { CommandFailed, DcdgetError } from '../domain/errors.ts';
import { redact, redactTexts, tail } from '../domain/redaction.ts';
import type { ServerAddress } from './connect.ts';
import type { SshPool } from './pool.ts';
import { completeInputs, type Recipe, type Recipes } from './recipes.ts';
import { commandLine, needMarker, openingBytes, parseClosing } from './wrapper.ts';

export type RecipeCall = {
  server: ServerAddress;
  /** Path below recipes/ without `.sh`. */
  recipe: string;
  /** What the recipe declares in its head. */
  inputs: Readonly<Record<string, string>>;
  /** Recipes with the same lock on one server run one after the other. */
  lock: string;
  timeoutSeconds: number;
  /** Texts that must not come back in any output. */
  secrets?: Iterable<string>;
  /** Nobody waits for it: it runs behind all others. */
  isLater?: boolean;
};

/**
 * Runs one recipe on one server and gives its closing JSON.
 * Throws CommandFailed, disk_full, server_unreachable, host_key_changed; `cancelled` when the signal fires.
 */
export type RunRecipe = <Result extends object>(call: RecipeCall, signal: AbortSignal) => Promise<Result>;

export type RecipeSource = {
  recipes: Recipes;
  /** Where servers reach the API, and its CA certificate (PEM). */
  publicUrl: string;
  caCertificate: string;
  /** A token for this one script that lives minutes. */
  tokenFor(sha256: string): string;
};

const EXIT_DISK_FULL = 75;
/** What the connection may need on top of the recipe's own deadline. */
const GRACE_MS = 15_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

export function createRunRecipe(pool: SshPool, source: RecipeSource): RunRecipe {
  return (call, signal) => {
    const recipe = source.recipes.get(call.recipe);
    const inputs = completeInputs(recipe, call.inputs);
    return pool.withConnection(call.server, (ssh) => runOn(ssh, call, recipe, inputs, source, signal));
  };
}

async function runOn<Result extends object>(
  ssh: NodeSSH,
  call: RecipeCall,
  recipe: Recipe,
  inputs: Record<string, string>,
  source: RecipeSource,
  signal: AbortSignal,
): Promise<Result> {
  // It may have been cancelled, and undone, while it waited for a connection.
  if (signal.aborted) throw new DcdgetError('cancelled', 'The step was cancelled');
  const startedMs = performance.now();
  const nonce = randomBytes(12).toString('hex');
  const invocation = {
    sha256: recipe.sha256,
    nonce,
    lock: call.lock,
    timeoutSeconds: call.timeoutSeconds,
    url: `${source.publicUrl}/recipes/${recipe.sha256}`,
    isLater: call.isLater ?? false,
  };
  const access = { ca: source.caCertificate, token: source.tokenFor(recipe.sha256) };
  const asRoot = call.server.user === 'root';
  const answer = await exchange(ssh, commandLine(invocation, asRoot), {
    server: call.server.name,
    opening: openingBytes(inputs, access),
    script: recipe.text,
    nonce,
    deadlineMs: call.timeoutSeconds * 1000 + GRACE_MS,
    signal,
  });
  const secrets = [...(call.secrets ?? [])];
  const closing = parseClosing(answer.stdout, nonce);
  const failed = (exitCode: number | undefined) =>
    new CommandFailed({
      server: call.server.name,
      recipe: call.recipe,
      exitCode,
      stderrTail: tail(redact(`${closing?.output ?? answer.stdout}\n${answer.stderr}`, secrets)),
      durationMs: performance.now() - startedMs,
    });
  if (closing === null) throw failed(answer.exitCode);
  const result = lastJson(closing.output);
  if (closing.exitCode === EXIT_DISK_FULL) throw diskFull(call.server.name, result);
  if (closing.exitCode !== 0 || result === null) throw failed(closing.exitCode);
  return redactTexts(result, secrets) as Result;
}

type Answer = { stdout: string; stderr: string; exitCode: number | undefined };
type Exchange = {
  server: string;
  opening: Buffer;
  script: string;
  nonce: string;
  deadlineMs: number;
  signal: AbortSignal;
};

/** Sends the inputs, and the script itself when the server asks for it; ends at the deadline or the signal. */
async function exchange(ssh: NodeSSH, command: string, call: Exchange): Promise<Answer> {
  const stdin = new PassThrough();
  const answer: Answer = { stdout: '', stderr: '', exitCode: undefined };
  let channel: { destroy(): void } | undefined;
  let scriptSent = false;
  const running = ssh.execCommand(command, {
    stdin,
    noTrim: true,
    onChannel: (opened) => (channel = opened),
    onStdout: (chunk) => {
      answer.stdout = (answer.stdout + chunk.toString('utf8')).slice(-MAX_OUTPUT_BYTES);
      if (scriptSent || !answer.stdout.includes(needMarker(call.nonce))) return;
      scriptSent = true;
      stdin.end(call.script);
    },
    onStderr: (chunk) => void (answer.stderr = (answer.stderr + chunk.toString('utf8')).slice(-MAX_OUTPUT_BYTES)),
  });
  stdin.write(call.opening);
  const end = endOf(call);
  try {
    const { code } = await Promise.race([running, end.reached]);
    return { ...answer, exitCode: code ?? undefined };
  } catch (cause) {
    if (cause instanceof DcdgetError) throw cause;
    throw new DcdgetError('server_unreachable', `The connection to ${call.server} broke`, {
      server: call.server,
      cause,
    });
  } finally {
    end.forget();
    channel?.destroy();
    stdin.destroy();
  }
}

/** Rejects at the deadline, or as cancelled when the signal fires; until it is forgotten it keeps the call in memory. */
function endOf({ server, deadlineMs, signal }: Exchange): { reached: Promise<never>; forget: () => void } {
  const { promise: reached, reject } = Promise.withResolvers<never>();
  const cancel = () => reject(new DcdgetError('cancelled', 'The step was cancelled'));
  const timer = setTimeout(() => {
    const seconds = Math.round(deadlineMs / 1000);
    reject(new DcdgetError('server_unreachable', `${server} gave no answer within ${seconds} s`));
  }, deadlineMs);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  return {
    reached,
    forget() {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    },
  };
}

function lastJson(output: string): object | null {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return null;
  try {
    return JSON.parse(last) as object;
  } catch {
    return null;
  }
}

function diskFull(server: string, result: object | null): DcdgetError {
  const message = result !== null && 'message' in result ? String(result.message) : `The disk of ${server} is full`;
  return new DcdgetError('disk_full', message, { server, hint: 'Free space below /srv/dcdget, or add a server.' });
}
