import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createJournal } from '../kinds/journal.ts'

/** One thing that was sent. */
export interface Caught {
  channel: string
  /** Epoch milliseconds. */
  at: number
  /** How often it came, by its id: a careful gateway delivers it once. */
  times: number
  parcel: Readonly<Record<string, unknown>>
}

type Line = Omit<Caught, 'times'> & { id: string }

/** The latest are kept in memory; the file has all, of invented people alone. */
const MOST = 500
const fileIn = (dataDir: string) => join(dataDir, 'sandbox-messages.jsonl')

/** The sandbox's letter box, in a file of the data folder: the command line shows it beside a hub that runs. */
export function openBox(dataDir: string) {
  const box = new Map<string, Caught>()
  const journal = createJournal<Line>(fileIn(dataDir), ({ id, ...line }) => {
    const known = box.get(id)
    if (known) known.times++
    else box.set(id, { ...line, times: 1 })
    const [oldest] = box.keys()
    if (box.size > MOST && oldest !== undefined) box.delete(oldest)
  })
  return {
    put: (line: Line) => journal.append(line),
    /** Newest first. */
    all(): Caught[] {
      journal.catchUp()
      return [...box.values()].reverse()
    },
    close: journal.close,
  }
}

/** → what the sandbox of a data folder has caught, newest first. */
export function readCaught(dataDir: string): Caught[] {
  if (!existsSync(fileIn(dataDir))) return []
  const box = openBox(dataDir)
  try {
    return box.all()
  } finally {
    box.close()
  }
}
