import { gzipSync } from "node:zlib";

export interface BrokenTrace {
  readonly bytes: Uint8Array;
  /** As the file is named; pods.csv unless given. */
  readonly file?: string;
  /** Every problem that there is: place and words of the reason. */
  readonly want: readonly string[];
}

const HEADER =
  "name,submit_s,duration_s,gpus,gpu_milli,gpu_model,cpu_milli,memory_mib,priority,class,namespace,gang";
const GOOD = "good,0,60,1,1000,,2000,8192,normal,training,default,";

function text(...lines: string[]): Uint8Array {
  return Buffer.from(lines.join("\n"));
}

/** The header, a good row on line 2, and these rows from line 3 on. */
function rows(...lines: string[]): Uint8Array {
  return text(HEADER, GOOD, ...lines);
}

/** Traces that must be refused. */
export const BROKEN_TRACES: Readonly<Record<string, BrokenTrace>> = {
  "an empty file": { bytes: text(""), want: ["is empty"] },
  "a header alone": { bytes: text(HEADER), want: ["has a header, but no rows"] },
  "no header": {
    bytes: text(GOOD),
    want: [
      "line 1, column name: is missing in the header, which is: good, 0, 60",
      "line 1, column submit_s: is missing",
      "line 1, column duration_s: is missing",
      "line 1, column gpus: is missing",
    ],
  },
  "a header without a column that must be there": {
    bytes: text("name,submit_s,duration,gpus", "a,0,60,1"),
    want: ["line 1, column duration_s: is missing in the header, which is: name, submit_s, duration, gpus"],
  },
  "a header with a column twice": {
    bytes: text("name,submit_s,duration_s,gpus,gpus", "a,0,60,1,1"),
    want: ["line 1, column gpus: is in the header twice"],
  },
  "semicolons for commas": {
    bytes: text("name;submit_s;duration_s;gpus", "a;0;60;1"),
    want: [
      "line 1, column name: is missing in the header, which is: name;submit_s;duration_s;gpus",
      "line 1, column submit_s: is missing",
      "line 1, column duration_s: is missing",
      "line 1, column gpus: is missing",
    ],
  },
  "binary garbage": { bytes: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0), want: ["is not text"] },
  zeros: { bytes: new Uint8Array(64), want: ["is not text"] },
  "garbage that is named .gz": {
    bytes: Uint8Array.of(0x50, 0x4b, 3, 4, 0xff, 0xfe),
    file: "pods.csv.gz",
    want: ["is not text, nor is it gzip as its name says"],
  },
  "gzip that is cut off": {
    bytes: gzipSync(rows()).subarray(0, 60),
    file: "pods.csv.gz",
    want: ["its gzip data is broken or cut off"],
  },
  "gzip of garbage": { bytes: gzipSync(Uint8Array.of(0xff, 0xfe, 0xfd)), want: ["is not text"] },
  "a row with too few columns": {
    bytes: rows("a,0,60"),
    want: ["line 3: has 3 columns, the header has 12"],
  },
  "a row with too many columns": {
    bytes: rows(`${GOOD},x`),
    want: ["line 3: has 13 columns, the header has 12"],
  },
  "a pod without a name": { bytes: rows(",0,60,1,,,,,,,,"), want: ["line 3, column name: is empty"] },
  "a name with a space": {
    bytes: rows("my pod,0,60,1,,,,,,,,"),
    want: ['line 3, column name: "my pod" is no name'],
  },
  "a name twice": {
    bytes: rows("a,0,60,1,,,,,,,,", "", "good,5,60,1,,,,,,,,"),
    want: ['line 5, column name: "good" is the pod of line 2 already'],
  },
  "a time that is a word": {
    bytes: rows("a,noon,60,1,,,,,,,,"),
    want: ['line 3, column submit_s: "noon" is not a number such as 90 or 90.5'],
  },
  "a time before the start": {
    bytes: rows("a,-5,60,1,,,,,,,,"),
    want: ['line 3, column submit_s: "-5" is negative'],
  },
  "no run time": {
    bytes: rows("a,0,0,1,,,,,,,,"),
    want: ['line 3, column duration_s: "0" is no time at all'],
  },
  "a run time that is no number": {
    bytes: rows("a,0,NaN,1,,,,,,,,", "b,0,Infinity,1,,,,,,,,"),
    want: [
      'line 3, column duration_s: "NaN" is not a number',
      'line 4, column duration_s: "Infinity" is not a number',
    ],
  },
  "a run time of milliseconds by mistake": {
    bytes: rows("a,0,99999999999,1,,,,,,,,"),
    want: ['line 3, column duration_s: "99999999999" is above 315360000'],
  },
  "a number with an exponent": {
    bytes: rows("a,0,1e3,1,,,,,,,,"),
    want: ['line 3, column duration_s: "1e3" is not a number'],
  },
  "no GPU": { bytes: rows("a,0,60,0,,,,,,,,"), want: ['line 3, column gpus: "0" is below 1'] },
  "half a GPU in the wrong column": {
    bytes: rows("a,0,60,0.5,,,,,,,,"),
    want: ['line 3, column gpus: "0.5" is not a whole number'],
  },
  "a great many GPUs": {
    bytes: rows("a,0,60,99999,,,,,,,,"),
    want: ['line 3, column gpus: "99999" is above 1024'],
  },
  "more than a whole GPU": {
    bytes: rows("a,0,60,1,1500,,,,,,,"),
    want: ['line 3, column gpu_milli: "1500" is above 1000'],
  },
  "GPU models with a gap": {
    bytes: rows("a,0,60,1,,a100||h100,,,,,,"),
    want: ['line 3, column gpu_model: "a100||h100" is not one model'],
  },
  "cpu as Kubernetes writes it": {
    bytes: rows("a,0,60,1,,,2000m,,,,,"),
    want: ['line 3, column cpu_milli: "2000m" is not a whole number'],
  },
  "memory without end": {
    bytes: rows("a,0,60,1,,,,99999999999999999999,,,,"),
    want: ['line 3, column memory_mib: "99999999999999999999" is above 1073741824'],
  },
  "an unknown priority": {
    bytes: rows("a,0,60,1,,,,,urgent,,,"),
    want: ['line 3, column priority: "urgent" is none of high, normal, low'],
  },
  "an unknown class": {
    bytes: rows("a,0,60,1,,,,,,inference,,"),
    want: ['line 3, column class: "inference" is none of training, batch, serving'],
  },
  "a gang over two namespaces": {
    bytes: rows("a,0,60,8,,,,,,,vision,g", "b,0,60,8,,,,,,,speech,g"),
    want: ['line 4, column namespace: "speech" differs from "vision" on line 3, of the same gang "g"'],
  },
  "a gang of two priorities": {
    bytes: rows("a,0,60,8,,,,,high,,,g", "b,0,60,8,,,,,low,,,g"),
    want: ['line 4, column priority: "low" differs from "high" on line 3'],
  },
  "a quote that is never closed": {
    bytes: rows('"a,0,60,1,,,,,,,,', "b,0,60,1,,,,,,,,"),
    want: ["line 3: a quote is opened and never closed"],
  },
  "a quote in the middle": {
    bytes: rows('"a"b,0,60,1,,,,,,,,'),
    want: ["line 3: quotes are not where CSV has them"],
  },
  "many problems at once": {
    bytes: rows("a,x,y,z,,,,,,,,", "b,0,60,1,0,,,,,,,", "good,0,60,1,,,,,,,,"),
    want: [
      "line 3, column submit_s",
      "line 3, column duration_s",
      "line 3, column gpus",
      'line 4, column gpu_milli: "0" is below 1',
      'line 5, column name: "good" is the pod of line 2 already',
    ],
  },
};
