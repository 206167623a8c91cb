/** The folder of real inputs that a public checkout has not; tests that need it skip without it. */
export const dataFolder: string | undefined = process.env.GPU_AUTOSCALER_DATA;

/** Why a test skips, for its context's `skip`. */
export const NO_DATA = "GPU_AUTOSCALER_DATA is not set: it names the folder of real inputs";
