import type { HostPort } from "../model/pod.ts";

/** The plugin NodePorts: the same port and protocol on the same address, where 0.0.0.0 is every one. */
export function portConflict(wanted: readonly HostPort[], used: readonly HostPort[]): HostPort | null {
  for (const port of wanted) {
    for (const taken of used) {
      if (
        port.port === taken.port &&
        port.protocol === taken.protocol &&
        sameAddress(port.hostIp, taken.hostIp)
      ) {
        return port;
      }
    }
  }
  return null;
}

function sameAddress(a: string, b: string): boolean {
  return isEveryAddress(a) || isEveryAddress(b) || a === b;
}

function isEveryAddress(ip: string): boolean {
  return ip === "" || ip === "0.0.0.0";
}

export function describePort({ hostIp, port, protocol }: HostPort): string {
  return isEveryAddress(hostIp) ? `${port}/${protocol}` : `${hostIp}:${port}/${protocol}`;
}
