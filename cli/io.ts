import { createInterface } from 'node:readline/promises'
import { environment, readSettings, type Settings } from '../config/settings.ts'
import { type Interview, terminalInterview } from './interview.ts'

/** All that a command knows of the world outside, so that tests run it in their own process. */
export interface Io {
  /** A line of the result. */
  out(line: string): void
  /** A line for the person at the terminal: progress, questions, what went wrong. */
  err(line: string): void
  settings(): Settings
  /** Asks yes or no; null where nobody can answer. */
  readonly ask: ((question: string) => Promise<boolean>) | null
  /** Asks for words; null where nobody can answer. */
  readonly interview: Interview | null
  /** Whether somebody watches: long work shows how far it is. */
  readonly watched: boolean
}

export function processIo(): Io {
  const answerable = process.stdin.isTTY === true && process.stderr.isTTY === true
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    settings: () => readSettings(environment()),
    ask: answerable ? askOnTerminal : null,
    interview: answerable ? terminalInterview : null,
    watched: process.stderr.isTTY === true,
  }
}

/** On stderr: stdout belongs to the result. */
async function askOnTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^(y|yes|是)$/i.test((await terminal.question(`${question}（y/N）`)).trim())
  } finally {
    terminal.close()
  }
}
