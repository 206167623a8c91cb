/** The folder of real inputs that a public checkout has not; tests that need it skip without it. */
export const dataFolder: string | undefined = process.env.GPU_AUTOSCALER_DATA;

/** Why a test skips, for its context's `skip`. */
export const NO_DATA = "GPU_AUTOSCALER_DATA is not set: it names the folder of real inputs";

/** The Chromium that the end-to-end tests open pages with; they look for one themselves without it. */
export const chromiumPath: string | undefined = process.env.CHROMIUM_PATH;
