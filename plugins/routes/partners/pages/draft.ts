import { areaField, textField } from './parts.ts'
import type { Sent } from './seat.ts'

/** What an application is to be, as far as it is known. */
export interface Draft {
  name: string
  home: string
  purpose: string
  redirectUris: readonly string[]
  rights: readonly string[]
}

/** The fields of an application, or of a change of one, with what it is now; of a right that it has the reason is said again. */
export function draftFields({ name = '', home = '', purpose = '', redirectUris = [], rights = [] }: Partial<Draft> = {}): string {
  return [
    textField('name', '应用名称（2 至 40 个字）', 'required maxlength="40"', name),
    textField('home', '主页（https）', 'required type="url" maxlength="500"', home),
    textField('purpose', '用途（4 至 100 个字），市民在授权页上看到', 'required maxlength="100"', purpose),
    areaField('safety', '数据安全方案（至少 20 个字）：存放、访问、留存、删除', 'required rows="4" maxlength="5000"'),
    areaField('redirects', '回调地址（https），一行一个', 'required rows="2" maxlength="10000"', redirectUris.join('\n')),
    areaField(
      'rights',
      '申请的权限，一行一项：编号、空格、为什么需要',
      'rows="4" maxlength="30000"',
      rights.map((right) => `${right} 与已批准的用途相同`).join('\n'),
    ),
  ].join('')
}

const linesOf = (text = '') =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** The form as the API takes it. */
export function draftOf({ name, home, purpose, safety, redirects, rights }: Sent) {
  const asked = linesOf(rights).map((line) => {
    const [scope = '', ...why] = line.split(' ')
    return { scope, why: why.join(' ').trim() }
  })
  return { name, home, purpose, safety, redirectUris: linesOf(redirects), rights: asked }
}
