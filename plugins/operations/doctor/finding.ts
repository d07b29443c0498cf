/** `skip`: there is nothing to look at, on purpose. */
export type FindingState = 'ok' | 'warn' | 'fail' | 'skip'

/** One thing that was looked at. Texts are Chinese, for an operator; no secret and no person is in them. */
export interface Finding {
  /** `database`, `agency:gas`. */
  id: string
  title: string
  state: FindingState
  /** What was found. */
  said: string
  /** What to do; null where nothing is. */
  todo: string | null
}

export interface Subject {
  id: string
  title: string
}

export const well = (subject: Subject, said: string): Finding => ({ ...subject, state: 'ok', said, todo: null })
export const skipped = (subject: Subject, said: string): Finding => ({ ...subject, state: 'skip', said, todo: null })
export const ailing = (subject: Subject, state: 'warn' | 'fail', said: string, todo: string): Finding => ({ ...subject, state, said, todo })

/**
 * What a look that breaks off comes to. Of an error only its code or kind: messages quote what they read. A look that is late has to let go
 * of what it holds when `late` says so: a connection on which the other side says nothing would keep the command from ever ending.
 */
export async function looked(
  subject: Subject,
  todo: string,
  look: (late: AbortSignal) => Promise<Finding>,
  limitMs = 10_000,
): Promise<Finding> {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      resolve(ailing(subject, 'fail', `${limitMs / 1000} 秒内没有结果`, todo))
      end.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([look(end.signal), late])
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: string }
    return ailing(subject, 'fail', `查不了（${typeof code === 'string' ? code : (name ?? 'Error')}）`, todo)
  } finally {
    clearTimeout(timer)
  }
}
