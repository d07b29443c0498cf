import type { Head } from '../../audit/entry.ts'

/**
 * A backup is text in lines of JSON, gzipped, then encrypted as an age file (age-encryption.org/v1), so that `age -d backup.age | gunzip`
 * reads it without the hub. First the {@link Manifest}; then for every table a {@link TableLine}, its rows as arrays in the order of
 * the manifest's columns, and a {@link SumLine}; last the {@link EndLine}, without which it is not whole. Keys are not in it: what is
 * sealed in the store is sealed there too.
 */
export const FORMAT = 'xuchang-hub-backup'
export const FORMAT_VERSION = 1

export interface Manifest {
  format: typeof FORMAT
  version: number
  /** Version of the hub. */
  hub: string
  /** RFC 3339. */
  at: string
  engine: 'mysql' | 'sqlite'
  /** Migrations that the store has had, in their order. */
  migrations: string[]
  /** Columns by table; whatever a table refers to stands before it. */
  tables: Record<string, string[]>
}

export interface TableLine {
  table: string
}

/** `sha256` of the rows before it, each with its line end. */
export interface SumLine {
  rows: number
  sha256: string
}

export interface EndLine {
  end: true
  rows: number
  /** Where the chains of evidence stood. */
  heads: Head[]
  /** Users' files that the store knows of; they are in the file store, not here. */
  files: { count: number; bytes: number }
  /** By whom it was made (signature.ts); backups of before it have none. */
  mac?: string
}

export type Cell = string | number | null

/** A backup that cannot be made, read or put back; the message is for an operator to read. */
export class BackupError extends Error {}
