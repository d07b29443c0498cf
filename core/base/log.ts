type Write = { (fields: object, message?: string): void; (message: string): void }

/** What the core writes its log to: any pino logger fits. */
export interface Log {
  info: Write
  warn: Write
  error: Write
  debug: Write
}
