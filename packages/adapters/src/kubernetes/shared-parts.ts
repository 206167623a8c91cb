import { type Resources, sameResources } from "@gpu-autoscaler/core";

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
    const known = alike?.find((each) => sameResources(each, requests));
    if (known !== undefined) return known;
    if (alike === undefined) this.#requests.set(requests.memoryBytes, [requests]);
    else alike.push(requests);
    return requests;
  }
}
