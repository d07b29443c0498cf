/** Keeps a setting's value out of every print-out. */
export const secret = { secret: true }
