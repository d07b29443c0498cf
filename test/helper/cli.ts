import type { Interview } from '../../cli/interview.ts'
import { run } from '../../cli/run.ts'
import { readSettings } from '../../config/settings.ts'

export interface Result {
  code: number
  out: string
  err: string
}

interface CliOptions {
  /** What the person at the terminal answers; without it nobody is there. */
  answer?: boolean
  /** What they say to questions that want words. */
  interview?: Interview
}

/** → the command line in this process, with the settings given and nothing of the environment. */
export function cli(settings: Record<string, string>, { answer, interview }: CliOptions = {}) {
  return async (...args: string[]): Promise<Result> => {
    const out: string[] = []
    const err: string[] = []
    const code = await run(args, {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      settings: () => readSettings({ NODE_ENV: 'test', ...settings }),
      ask:
        answer === undefined
          ? null
          : async (question) => {
              err.push(question)
              return answer
            },
      interview: interview ?? null,
      watched: false,
    })
    return { code, out: out.join('\n'), err: err.join('\n') }
  }
}
