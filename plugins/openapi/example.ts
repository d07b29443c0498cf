import { ID_PATTERN } from '../../core/base/ids.ts'
import type { Schema } from './types.ts'

const ID = '5b0f6c1e-7a34-4d2b-9c58-1f0e2d3c4b5a'
/** Nobody's, and right in every digit: these are what a caller types. */
const BY_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-06-30',
  'date-time': '2026-06-30T09:15:00+08:00',
  'id-number': '41100219900101000X',
  uscc: '91411000MA0000015J',
  phone: '13800000000',
}

/** Words and numbers that look like what a field holds, all invented; the first that fits a field's name and its schema wins. */
const BY_NAME: readonly (readonly [name: RegExp, example: unknown])[] = [
  [/^(asOf|at)$/, '2026-06-30T09:15:00+08:00'],
  [/^state$/, 'filed'],
  [/stateName$/, '已提交'],
  [/traceId$/i, '018f3a1c9b2d4e5f8a7b6c5d4e3f2a10'],
  [/(^|[a-z])(idNumber|certNumber)$/i, '411***********0018'],
  [/uscc|creditCode/i, '914110***********X'],
  [/(^id|Id|^to|^into)$/, ID],
  [/phone|contactInfo|telephone/i, '0374-0000000'],
  [/phone/i, '13800000000'],
  [/account/i, '6200000000000000001'],
  [/unitNumber/i, '411002001001GB00001F00010001'],
  [/(person|holder|owner|legalRepresentative|buyer|seller|name).*name$|^(name|personName)$/i, '甄*禾'],
  [/(employer|enterprise|company).*name/i, '许昌示例制造有限公司'],
  [/hospital/i, '许昌示例医院'],
  [/pharmacy/i, '示例大药房'],
  [/bankName/i, '示例银行'],
  [/agency|authority/i, '示例办理机构'],
  [/address|location/i, '许昌市示例路 1 号'],
  [/region|division/i, '许昌市'],
  [/statusUrl/i, '/v1/housing-fund/retirement-withdrawal/5b0f6c1e-7a34-4d2b-9c58-1f0e2d3c4b5a'],
  [/url|uri|picture/i, 'https://app.example/return'],
  [/(number|code|no)$/i, '4110000012345678'],
  [/contentHash/i, '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  [/purpose|reason/i, '市民来电申请'],
  [/title/i, '示例标题'],
]

/** → a value that the schema takes and a reader finds plausible, undefined where none is known. `name`: of the field that holds it. */
export function exampleOf(schema: Schema, name = ''): unknown {
  if (schema.example !== undefined) return schema.example
  if (schema['default'] !== undefined) return schema['default']
  if (schema.const !== undefined) return schema.const
  const [given] = (schema['examples'] as readonly unknown[] | undefined) ?? []
  if (given !== undefined) return given
  if (schema.enum) return schema.enum[0]
  const [either] = (schema['anyOf'] as readonly Schema[] | undefined) ?? []
  if (either) return exampleOf(either, name)
  const [type] = [schema.type ?? []].flat()
  switch (type) {
    case 'object':
      if (schema.properties?.['code'] && schema.properties['name'] && Object.keys(schema.properties).length === 2)
        return { code: '01', name: '正常' }
      return exampleOfObject(schema)
    case 'array':
      return exampleOfList(schema, name)
    case 'number':
      return clamp(schema, /rate|ratio/i.test(name) ? 12 : 1280.5)
    case 'integer':
      return clamp(schema, 12)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return textOf(schema, name)
  }
}

function clamp(schema: Schema, value: number): number {
  const least = Number(schema['minimum'] ?? Number.NEGATIVE_INFINITY)
  const most = Number(schema['maximum'] ?? Number.POSITIVE_INFINITY)
  return Math.min(Math.max(value, least), most)
}

function exampleOfList({ items }: Schema, name: string): unknown[] {
  const item = items && exampleOf(items, name.replace(/s$/, ''))
  return item === undefined ? [] : [item]
}

function exampleOfObject({ properties = {}, required = [] }: Schema): unknown {
  const entries = Object.entries(properties)
    .map(([key, part]) => [key, exampleOf(part, key)] as const)
    .filter(([, value]) => value !== undefined)
  const found = Object.fromEntries(entries)
  return required.every((key) => key in found) ? found : undefined
}

function textOf({ format, pattern, title, ...schema }: Schema, name: string): string | undefined {
  const typed = BY_FORMAT[String(format)]
  if (typed !== undefined) return typed
  if (pattern?.includes(ID_PATTERN)) return ID
  if (pattern === '^\\d{4}-\\d{2}$') return '2026-06'
  const least = Number(schema['minLength'] ?? 0)
  const most = Number(schema['maxLength'] ?? Number.POSITIVE_INFINITY)
  const named = BY_NAME.flatMap(([test, text]) => (test.test(name) ? [String(text)] : []))
  const candidates = [...named, `示例${title ?? ''}`, '示例']
  return candidates.find((text) => text.length >= least && text.length <= most && (pattern === undefined || new RegExp(pattern).test(text)))
}
