import { createRequire } from 'node:module'

/** Version of the hub; the compiled file lies one folder deeper than the source. */
export const version: string = (() => {
  const require = createRequire(import.meta.url)
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (require(path) as { version: string }).version
    } catch {}
  }
  return '0.0.0'
})()
