import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { collection, isDuplicateKey, type Database } from './database.ts';
import type { Secrets } from './secrets.ts';

/** PEM texts. */
export type Certificate = { certificate: string; privateKey: string };
type StoredAuthority = { certificate: string; sealedKey: string };

export type Authority = {
  /** The private CA's certificate, PEM: what clients and servers trust. */
  certificate: string;
  /** A server certificate for these host names and addresses, with its chain. */
  issue(names: string[]): Promise<Certificate>;
};

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CA_DAYS = 3650;
const LEAF_DAYS = 397;
const DAY_MS = 86_400_000;
const ABOUT = 'authority';

/** The platform's private CA, made at first start; every process that opens the store has the same one. */
export async function openAuthority(database: Database, secrets: Secrets): Promise<Authority> {
  const authorities = collection<StoredAuthority>(database, 'authority');
  const stored = (await authorities.findOne({ _id: 'ca' })) ?? (await makeFirst());
  const issuer = new x509.X509Certificate(stored.certificate);
  const signingKey = await importKey(secrets.open(stored.sealedKey, ABOUT));
  return { certificate: stored.certificate, issue: (names) => issue(issuer, signingKey, names) };

  async function makeFirst(): Promise<StoredAuthority> {
    const made = await makeAuthority();
    const document = { certificate: made.certificate, sealedKey: secrets.seal(made.privateKey, ABOUT) };
    try {
      await authorities.insertOne({ _id: 'ca', ...document });
      return document;
    } catch (error) {
      const first = isDuplicateKey(error) ? await authorities.findOne({ _id: 'ca' }) : null;
      if (first === null) throw error;
      return first;
    }
  }
}

async function makeAuthority(): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=dcdget private CA',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + CA_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), privateKey: await exportKey(keys.privateKey) };
}

async function issue(
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  names: string[],
): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${names[0]}`,
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + LEAF_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: pem(certificate) + pem(issuer), privateKey: await exportKey(keys.privateKey) };
}

function pem(certificate: x509.X509Certificate): string {
  return new NodeCertificate(Buffer.from(certificate.rawData)).toString();
}

/** A positive number of 16 bytes, as RFC 5280 wants it. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('hex');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY') + '\n';
}

function importKey(privateKey: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(privateKey);
  return webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), ALGORITHM, false, ['sign']);
}
