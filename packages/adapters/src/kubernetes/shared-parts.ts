import { type Labels, type Owner, type Resources, sameMap, sameResources } from "@gpu-autoscaler/core";

/**
 * What many pods have in common, once for all of them: the names of their nodes, what they ask for,
 * and of pods that are read one after another labels and owner; the API server lists those of one
 * controller together. It saves memory at ten thousand pods, and what is the same need not be
 * compared or fetched anew for each.
 */
export class SharedParts {
  readonly #nodeNames = new Map<string, string>();
  readonly #requests = new Map<number, Resources[]>();
  #labels: Labels | null = null;
  #owner: Owner | null = null;

  nodeName(name: string): string {
    const known = this.#nodeNames.get(name);
    if (known === undefined) this.#nodeNames.set(name, name);
    return known ?? name;
  }

  requests(requests: Resources): Resources {
    const alike = this.#requests.get(requests.memoryBytes);
    const known = alike?.find((each) => sameResources(each, requests));
    if (known !== undefined) return known;
    if (alike === undefined) this.#requests.set(requests.memoryBytes, [requests]);
    else alike.push(requests);
    return requests;
  }

  labels(labels: Labels): Labels {
    if (this.#labels !== null && sameMap(this.#labels, labels)) return this.#labels;
    this.#labels = labels;
    return labels;
  }

  owner(owner: Owner | null): Owner | null {
    if (owner === null) return null;
    const last = this.#owner;
    if (last !== null && sameOwner(last, owner)) return last;
    this.#owner = owner;
    return owner;
  }
}

function sameOwner(a: Owner, b: Owner): boolean {
  return a.uid === b.uid && a.name === b.name && a.kind === b.kind;
}
