/**
 * What SSH runs, always the same text: it takes the inputs from stdin, brings the script by its hash
 * (cache, then the API over HTTPS, then the same stdin), checks the hash that came over SSH, and runs it
 * under its lock and deadline. A step counts as done only with the closing line that carries its nonce.
 */
const WRAPPER = String.raw`
set -u
umask 077
sha=$1 nonce=$2 lock=$3 seconds=$4 url=$5
while IFS= read -r -d '' entry && [ -n "$entry" ]; do export "$entry"; done
folder=/var/lib/dcdget/recipes
script=$folder/$sha.sh
is_whole() { [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$sha  -" ]; }
fetch() {
  curl -fsS --proto =https --connect-timeout 3 --max-time 20 --cacert <(printf %s "$DCDGET_CA") \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$DCDGET_RECIPE_TOKEN") -o "$1" "$url" 2>/dev/null </dev/null
}
if ! is_whole "$script"; then
  mkdir -p "$folder"
  fresh=$(mktemp "$folder/.fresh.XXXXXX")
  if ! { fetch "$fresh" && is_whole "$fresh"; }; then
    printf '\ndcdget-need %s\n' "$nonce"
    cat >"$fresh"
    is_whole "$fresh" || { rm -f "$fresh"; echo "recipe $sha did not arrive whole" >&2; exit 66; }
  fi
  mv -f "$fresh" "$script"
fi
unset DCDGET_CA DCDGET_RECIPE_TOKEN
mkdir -p /run/dcdget/locks
exec 9>"/run/dcdget/locks/$lock"
flock -w "$seconds" 9 || { echo "another recipe held the lock $lock for $seconds seconds" >&2; exit 73; }
code=0
timeout --kill-after=5 "$seconds" bash --noprofile --norc -euo pipefail "$script" </dev/null || code=$?
printf '\ndcdget-done %s %s\n' "$nonce" "$code"
exit "$code"
`;

export type Invocation = { sha256: string; nonce: string; lock: string; timeoutSeconds: number; url: string };

/** The remote command line: no input and no secret is on it. */
export function commandLine(call: Invocation, asRoot: boolean): string {
  const words = ['bash', '--noprofile', '--norc', '-c', WRAPPER, 'dcdget', call.sha256, call.nonce, call.lock];
  const line = [...words, String(call.timeoutSeconds), call.url].map(quote).join(' ');
  return asRoot ? line : `sudo -n ${line}`;
}

/** NUL-closed `NAME=value` records, ended by an empty one. */
export function inputRecords(inputs: Readonly<Record<string, string>>): Buffer {
  const records = Object.entries(inputs).map(([name, value]) => `${name}=${value}\0`);
  return Buffer.from(`${records.join('')}\0`, 'utf8');
}

export function needMarker(nonce: string): string {
  return `\ndcdget-need ${nonce}\n`;
}

/** What the recipe printed and its exit code; null when the closing line is not there. */
export function parseClosing(stdout: string, nonce: string): { output: string; exitCode: number } | null {
  const match = new RegExp(`\\ndcdget-done ${nonce} (\\d{1,3})\\n$`).exec(stdout);
  if (match === null) return null;
  return { output: stdout.slice(0, match.index).replace(needMarker(nonce), ''), exitCode: Number(match[1]) };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
