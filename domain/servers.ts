export type Role = 'app' | 'router' | 'build';
export const ROLES: readonly Role[] = ['app', 'router', 'build'];

/** What a server shows of itself: `<type> <base64>` as in known_hosts, and `SHA256:…` as ssh-keygen prints it. */
export type HostKey = { hostKey: string; fingerprint: string };

/** A place on a server that one instance holds from placeInstances until it is removed. */
export type Reservation = { instanceId: string; slot: number; memoryMb: number; appId: string };

export type Server = {
  id: string;
  name: string;
  host: string;
  port: number;
  user: string;
  roles: Role[];
  /** The pinned host key, `<type> <base64>` as in known_hosts. */
  hostKey: string;
  state: 'provisioning' | 'ready' | 'failed';
  /** What instances may reserve together; 0 until the server was checked. */
  memoryMb: number;
  reservations: Reservation[];
  /** Raised by every change of the reservations, for the conditional update. */
  revision: number;
  operationId: string;
  createdAt: Date;
  updatedAt: Date;
};

/** Where it is and what it is for. */
export type ServerReach = Omit<Server, 'reservations' | 'revision'>;

export const SLOTS_PER_SERVER = 4000;
const FIRST_HOST_PORT = 20_000;

/** Port of the server that is mapped to the container's port. */
export function hostPortOf(slot: number): number {
  return FIRST_HOST_PORT + slot;
}

/** Address of the slot's container on its server's own bridge (the bridge itself is .0.1). */
export function containerAddressOf(slot: number): string {
  const host = slot + 2;
  return `10.213.${Math.floor(host / 250)}.${(host % 250) + 1}`;
}
