import type { Problem } from '../../core/base/errors.ts'
import { escapeHtml } from '../web/page.ts'
import { trace, wayOn } from '../web/parts.ts'

/** What is wrong with each input, by name; what concerns none of them is said above the form. */
export function problemsByInput({ errors = [] }: Problem): Record<string, string> {
  return Object.fromEntries(
    errors.flatMap(({ pointer, detail }) => {
      const [, , name = ''] = pointer.split('/')
      return name === '' ? [] : [[name, detail]]
    }),
  )
}

/**
 * What a page says of a refusal, and the way on that there is: choosing among records, binding an account, verifying a face. `chosen`
 * → where choosing a value leads; `byInput`: a form says beside each input what is wrong with it. → HTML.
 */
export function refusalNote(
  problem: Problem,
  chosen: (parameter: string, value: string) => string | null = () => null,
  byInput = true,
): string {
  const { title, detail, agency, choices, stepUp, ways = [], errors = [], traceId, code } = problem
  const options = choices?.options ?? choices?.values.map((value) => ({ value, label: value })) ?? []
  const links = options.flatMap(({ value, label }) => {
    const address = choices ? chosen(choices.parameter, value) : null
    return address === null ? [] : [`<li><a href="${escapeHtml(address)}">${escapeHtml(label)}</a></li>`]
  })
  const bind = stepUp?.method === 'account' ? wayOn(`/hall/accounts/${stepUp.connector}`, '去绑定账户') : ''
  const more = [...ways, ...(byInput ? [] : errors)].map(({ detail: words }) => `<p>${escapeHtml(words)}</p>`).join('')
  // What is still to be done is no fault.
  const isNoFault = stepUp !== undefined || choices !== undefined || code === 'HUB_NO_RECORD'
  const from = agency === undefined ? '' : `（${escapeHtml(agency)}）`
  return `<div class="${isNoFault ? 'note' : 'bad'}" role="alert"><p><strong>${escapeHtml(title)}</strong>${from}</p><p>${escapeHtml(detail)}</p>${more}</div>${links.length === 0 ? '' : `<ul>${links.join('')}</ul>`}${bind}${trace(traceId, code)}`
}
