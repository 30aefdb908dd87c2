import { extname } from 'node:path';

/** How the files of Ralph's own modules end: `.ts` in a checkout, `.js` in the installed package. For modules that are started by path. */
export const MODULE_ENDING = extname(import.meta.filename);
