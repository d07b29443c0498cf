import { halfWidth } from '../base/half-width.ts'

/**
 * How personal data is shortened on its way out (GB/T 35273-2020 in spirit; the binding rules are
 * the customer's to confirm). A mask never lengthens a value and never returns a short one in clear.
 */
export const masks = {
  /** 41100219900101000x → 411***********000X: what is left is written as the standard writes it. */
  idNumber: (value: string) => keep(halfWidth(value).replaceAll('x', 'X'), 3, 4),
  /** 13812345678 → 138****5678 */
  phone: (value: string) => keep(value, 3, 4),
  /** 张三 → 张*, 欧阳小明 → 欧**明 */
  name: (value: string) => {
    const characters = [...value]
    return characters.length <= 2 ? keep(value, 1, 0) : keep(value, 1, 1)
  },
  /** Whoever it is: a company's or an authority's name is public, a person's is shortened. */
  party: (value: string) => (ORGANISATION.test(value) ? value : masks.name(value)),
  /** A text with numbers in it, of which all is kept but those; one without is shortened itself: 示例银行许昌分行 6217001234567890 → 示例银行许昌分行 ************7890 */
  numbers: (value: string) => {
    const shortened = value.replace(LONG, (digits) => keep(digits, 0, 4))
    return shortened === value ? keep(value, 0, 4) : shortened
  },
  /** 6217001234567890 → ************7890 */
  account: (value: string) => keep(value, 0, 4),
  /** Kept down to the district, county or street. */
  address: (value: string) => {
    const [area = ''] = /^.*?(?:街道|[区县镇乡])/.exec(value) ?? []
    return area === '' || area === value ? keep(value, Math.min(6, Math.floor([...value].length / 2)), 0) : `${area}****`
  },
  /** Shows only that there is a value. */
  hidden: () => '******',
} as const

export type MaskName = keyof typeof masks

/** A number of eight digits or more, in groups or not. */
const LONG = /\d(?:[ -]?\d){7,}/g

/** How names of organisations end; no name of a person is so long and ends so. */
const ORGANISATION = /^.{2,}(?:公司|集团|银行|[支分]行|合作社|事务所|委员会|管理局|中心|（(?:普通|有限)合伙）)$/u

/** Characters of two UTF-16 units: rare ones of names. */
const WIDE = /[\ud800-\udbff]/

function keep(value: string, head: number, tail: number): string {
  if (!WIDE.test(value)) {
    const hidden = value.length - head - tail
    return hidden > 0 ? value.slice(0, head) + '*'.repeat(hidden) + value.slice(head + hidden) : '*'.repeat(value.length)
  }
  const characters = [...value]
  if (characters.length <= head + tail) return '*'.repeat(characters.length)
  return characters.map((character, index) => (index < head || index >= characters.length - tail ? character : '*')).join('')
}
