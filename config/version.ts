import { createRequire, findPackageJSON } from 'node:module'

/** Version of the hub, from the nearest package.json above: sources and compiled files lie at different depths. */
export const version: string = (() => {
  const path = findPackageJSON(import.meta.url)
  if (!path) throw new Error('package.json is missing')
  return (createRequire(import.meta.url)(path) as { version: string }).version
})()
