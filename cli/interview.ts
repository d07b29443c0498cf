import { DeclinedError } from './usage.ts'

/** Questions that are answered in words. Throws a DeclinedError where the person breaks off. */
export interface Interview {
  /** `problemOf`: what is wrong with an answer; it is asked again until there is nothing. */
  text(question: string, example: string, problemOf: (answer: string) => string | null): Promise<string>
  choose<T extends string>(question: string, options: readonly { value: T; label: string }[]): Promise<T>
}

/** On stderr: stdout belongs to the result. The prompts are loaded when there is something to ask. */
export const terminalInterview: Interview = {
  async text(message, placeholder, problemOf) {
    const { text } = await import('@clack/prompts')
    const validate = (answer = '') => problemOf(answer.trim()) ?? undefined
    return given(await text({ message, placeholder, validate, output: process.stderr })).trim()
  },
  async choose<T extends string>(message: string, options: readonly { value: T; label: string }[]) {
    const { select } = await import('@clack/prompts')
    const listed = options.map(({ value, label }) => ({ value: value as string, label }))
    const chosen = given(await select<string>({ message, options: listed, showInstructions: false, output: process.stderr }))
    return options.find(({ value }) => value === chosen)?.value ?? declined()
  },
}

/** A broken-off question is answered with a symbol. */
function given(answer: string | symbol): string {
  return typeof answer === 'string' ? answer : declined()
}

function declined(): never {
  throw new DeclinedError()
}
