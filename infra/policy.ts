/** A statement of an IAM policy. All of ours allow. */
export interface Statement {
  /** What it is for; letters and digits. */
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: $util.Input<string> | readonly $util.Input<string>[];
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, $util.Input<string> | readonly $util.Input<string>[]>>>
  >;
}

export function policyDocument(statements: readonly Statement[]): $util.Output<string> {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });
}

/** A role that one AWS service alone may take on. */
export function trustOnly(service: string): $util.Output<string> {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });
}
