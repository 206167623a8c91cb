import type { Resources } from "@gpu-autoscaler/core";

/**
 * What many pods have in common, once for all of them: the names of their nodes, and what they ask
 * for. It saves memory at ten thousand pods, and what is the same need not be compared or fetched
 * anew for each.
 */
export class SharedParts {
  readonly #nodeNames = new Map<string, string>();
  readonly #requests = new Map<number, Resources[]>();

  nodeName(name: string): string {
    const known = this.#nodeNames.get(name);
    if (known === undefined) this.#nodeNames.set(name, name);
    return known ?? name;
  }

  requests(requests: Resources): Resources {
    const alike = this.#requests.get(requests.memoryBytes);
    const known = alike?.find((each) => isSame(each, requests));
    if (known !== undefined) return known;
    if (alike === undefined) this.#requests.set(requests.memoryBytes, [requests]);
    else alike.push(requests);
    return requests;
  }
}

function isSame(a: Resources, b: Resources): boolean {
  return (
    a.cpuMilli === b.cpuMilli &&
    a.memoryBytes === b.memoryBytes &&
    a.ephemeralStorageBytes === b.ephemeralStorageBytes &&
    a.pods === b.pods &&
    isSameMap(a.extended, b.extended)
  );
}

function isSameMap(a: Resources["extended"], b: Resources["extended"]): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
