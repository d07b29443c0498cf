import { extname } from 'node:path'

/**
 * How the hub's own files of code end: `.ts` where the sources run, `.js` where they were compiled. The compiler
 * rewrites what is imported by a fixed name; a name made at run time ends with this.
 */
export const CODE: string = extname(import.meta.url)
