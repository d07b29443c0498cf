import { HubError } from '../../core/base/errors.ts'

const LONGEST = 2000
/** Never a host of the web, so a text that leaves it shows. */
const BASE = 'http://hub.invalid'

/**
 * → the text, if it is a path of this hub and nothing else; throws HUB_RETURN_INVALID. Browsers read
 * `\` as `/` and drop tabs and line ends, so neither may occur.
 */
export function localPath(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  const shaped = text.length <= LONGEST && /^\/(?![/\\])[^\\\x00-\x20\x7f-\uffff]*$/.test(text)
  if (!shaped) throw new HubError('HUB_RETURN_INVALID')
  const { origin, pathname } = new URL(text, BASE)
  // `/.//host` becomes `//host` once its dots are resolved.
  if (origin !== BASE || pathname.startsWith('//')) throw new HubError('HUB_RETURN_INVALID')
  return text
}
