/** What is used of Pulumi's inner parts, which the platform brings along and publishes no types of. */

/** A resource as Pulumi's mocks hear of it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Runtime {
  setMocks(mocks: object, project: string, stack: string, preview: boolean): Promise<void>;
  runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
}

/** A request to register a resource: a message of Pulumi's protocol. */
export interface Registration {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getRetainondelete(): boolean | undefined;
  getObject(): unknown;
}

type Answer = (error: unknown, response: { getUrn(): string }) => void;

export interface Engine {
  newUrn: (parent: string, type: string, name: string) => string;
  registerResource: (request: Registration, answer: Answer) => void;
}

export interface Serialization {
  deserializeProperties(properties: unknown): unknown;
  isRpcSecret(value: unknown): boolean;
  unwrapRpcSecret(value: unknown): unknown;
}
