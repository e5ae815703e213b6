import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEMs of a CA and of a server certificate for 127.0.0.1, or for the name given, made with openssl for one test. */
export type FakeAuthority = { ca: string; server: { key: string; cert: string } };

export function makeAuthority(name?: string): FakeAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'dcdget-ca-'));
  try {
    return makeIn(folder, name === undefined ? 'IP:127.0.0.1' : `DNS:${name}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makeIn(folder: string, subject: string): FakeAuthority {
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', timeout: 30_000 });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test CA');
  openssl('req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=test');
  writeFileSync(join(folder, 'extensions'), `subjectAltName=${subject}\n`);
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions', '-days', '2'];
  openssl('x509', '-req', '-in', 'request.pem', ...signing, '-out', 'cert.pem');
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return { ca: read('ca.pem'), server: { key: read('key.pem'), cert: read('cert.pem') } };
}
