/** Ids that the hub gives out: UUIDs in lower case (RFC 9562 §4). They are compared by their bytes, so no other spelling is taken in. */
export const ID_PATTERN = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

/** What is read when one fails. */
export const ID_PROBLEM = '编号有误，请照原样填写（字母用小写）'

const FORM = new RegExp(ID_PATTERN)

export function isId(text: string): boolean {
  return FORM.test(text)
}
