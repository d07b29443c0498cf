/** A command that was called in a way that it doesn't know: exit code 2, with the help. */
export class UsageError extends Error {}
