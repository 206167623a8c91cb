/** The environment that the command was started in; it is read nowhere else. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
