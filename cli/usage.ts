/** A command that was called in a way that it doesn't know: exit code 2, with where to read on. */
export class UsageError extends Error {}

/** The person at the terminal said no: exit code 1, nothing was done. */
export class DeclinedError extends Error {
  constructor() {
    super('已取消，未作改动')
  }
}
