import { readFileSync } from 'node:fs'

/**
 * Seconds that this process and those it started and saw end took of the processors: unlike the time, no other work adds to
 * them. Without the others where the system does not say.
 */
export function processorSeconds(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / 100
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
}
